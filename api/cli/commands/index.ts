import type { Command } from '../command.ts';
import { apartCommand } from './apart.ts';
import { applyCommand } from './apply.ts';
import { checkCommand } from './check.ts';
import { cleanseCommand } from './cleanse.ts';
import { deletesCommand } from './deletes.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { eraseCommand } from './erase.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { failuresCommand } from './failures.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { keysCommand } from './keys.ts';
import { linkCommand } from './link.ts';
import { mergesCommand } from './merges.ts';
import { migrateDatabaseCommand } from './migrateDatabase.ts';
import { pinCommand } from './pin.ts';
import { planCommand } from './plan.ts';
import { pullCommand } from './pull.ts';
import { reconcileCommand } from './reconcile.ts';
import { reviewsCommand } from './reviews.ts';
import { serveCommand } from './serve.ts';
import { splitCommand } from './split.ts';
import { syncCommand } from './sync.ts';
import { trainCommand } from './train.ts';
import { transformsCommand } from './transforms.ts';
import { undoCommand } from './undo.ts';
import { whatIfCommand } from './whatIf.ts';

/** In the order of --help. */
export const COMMANDS: Command[] = [
  initCommand,
  checkCommand,
  transformsCommand,
  planCommand,
  syncCommand,
  serveCommand,
  cleanseCommand,
  explainCommand,
  reviewsCommand,
  splitCommand,
  linkCommand,
  apartCommand,
  pinCommand,
  undoCommand,
  trainCommand,
  whatIfCommand,
  reconcileCommand,
  failuresCommand,
  deletesCommand,
  mergesCommand,
  eraseCommand,
  applyCommand,
  diffCommand,
  pullCommand,
  keysCommand,
  exportCommand,
  importCommand,
  migrateDatabaseCommand,
  demoCommand,
];
