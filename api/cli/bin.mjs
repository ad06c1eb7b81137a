#!/usr/bin/env node
// What `npx nayose` starts.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('./main.ts', import.meta.url)));
await import('./launch.mjs');
