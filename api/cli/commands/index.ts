import type { Command } from '../command.ts';
import { checkCommand } from './check.ts';
import { cleanseCommand } from './cleanse.ts';
import { demoCommand } from './demo.ts';
import { explainCommand } from './explain.ts';
import { failuresCommand } from './failures.ts';
import { initCommand } from './init.ts';
import { planCommand } from './plan.ts';
import { serveCommand } from './serve.ts';
import { syncCommand } from './sync.ts';

/** In the order of --help. */
export const COMMANDS: Command[] = [
  initCommand,
  checkCommand,
  planCommand,
  syncCommand,
  serveCommand,
  cleanseCommand,
  explainCommand,
  failuresCommand,
  demoCommand,
];
