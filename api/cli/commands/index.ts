import type { Command } from '../command.ts';
import { cleanseCommand } from './cleanse.ts';
import { demoCommand } from './demo.ts';
import { explainCommand } from './explain.ts';
import { failuresCommand } from './failures.ts';
import { planCommand } from './plan.ts';
import { serveCommand } from './serve.ts';
import { syncCommand } from './sync.ts';

/** In the order of --help. */
export const COMMANDS: Command[] = [
  planCommand,
  syncCommand,
  cleanseCommand,
  explainCommand,
  failuresCommand,
  serveCommand,
  demoCommand,
];
