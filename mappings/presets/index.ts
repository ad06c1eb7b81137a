import { HUBSPOT } from './hubspot.ts';
import { PLAIN } from './plain.ts';
import type { Preset } from './preset.ts';
import { SALESFORCE } from './salesforce.ts';

/** By the name that `preset:` takes. */
export const PRESETS: Readonly<Record<string, Preset>> = { ...SALESFORCE, ...HUBSPOT, ...PLAIN };
