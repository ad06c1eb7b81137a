import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { nearest } from '../../../mappings/nearest.ts';
import { jsonSchemas } from '../../config/jsonSchema.ts';
import { scaffold, type Tool } from '../../config/scaffold.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { ConfigError, type Session } from '../session.ts';

const TOOLS: Tool[] = ['salesforce', 'hubspot', 'webhook', 'csv'];
const STANDARD: Tool[] = ['salesforce', 'hubspot'];

export const initCommand: Command = {
  name: 'init',
  usage: 'init [--tools salesforce,hubspot] [--yes]',
  summary: 'asks which tools, writes a config folder with presets',
  details: `  --tools      some of ${TOOLS.join(', ')}
  --region     country of phone numbers that name none
  --time-zone  of times that name none, and of schedules
  --yes        asks nothing: salesforce and hubspot, unless --tools says otherwise
  Nothing that is there is ever overwritten.`,
  options: {
    tools: { type: 'string' },
    region: { type: 'string' },
    'time-zone': { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
  },
  words: { min: 0, max: 0 },
  async run(session, { values }) {
    const given = values.tools as string | undefined;
    const tools =
      given !== undefined ? toolsIn(given) : values.yes === true ? STANDARD : await askTools(session);
    const region = checkRegion(values.region as string | undefined);
    const timeZone = checkZone(values['time-zone'] as string | undefined);
    const files = scaffold({
      tools,
      ...(region === undefined ? {} : { region }),
      ...(timeZone === undefined ? {} : { timeZone }),
      schemas: jsonSchemas(CONNECTORS),
    });
    const written = await writeNew(session.dir, files);
    const steps = nextSteps(session.dir, tools);
    session.out.result(
      { dir: session.dir, tools, files: written, next: steps },
      [
        `Written to ${session.dir}:`,
        ...written.map((name) => `  ${name}`),
        '',
        'Next:',
        ...steps.map((step, i) => `  ${i + 1}. ${step}`),
      ].join('\n'),
    );
    return 0;
  },
};

function toolsIn(text: string): Tool[] {
  const words = text
    .toLowerCase()
    .split(/[\s,、]+/)
    .filter((word) => word !== '');
  if (words.length === 0) throw new UsageError(`name at least one tool: ${TOOLS.join(', ')}`);
  return [...new Set(words.map(toolNamed))];
}

function toolNamed(word: string): Tool {
  const tool = TOOLS.find((one) => one === word);
  if (tool) return tool;
  const near = nearest(word, TOOLS);
  throw new UsageError(
    `there is no tool '${word}'; ${near ? `did you mean ${near}?` : `there are ${TOOLS.join(', ')}`}`,
  );
}

function checkRegion(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[A-Za-z]{2}$/.test(text))
    throw new UsageError(`--region is a country's two letters, as JP, not '${text}'`);
  return text?.toUpperCase();
}

function checkZone(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--time-zone is a name as Asia/Tokyo, not '${text}'`);
  }
}

async function askTools(session: Session): Promise<Tool[]> {
  if (!process.stdin.isTTY || session.out.json)
    throw new UsageError(`there is no terminal to ask on: say --tools ${STANDARD.join(',')}, or --yes`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await lines.question(
        `Which tools shall the hub connect? ${TOOLS.join(', ')} [${STANDARD.join(', ')}] `,
        { signal: session.signal },
      );
      if (answer.trim() === '') return STANDARD;
      try {
        return toolsIn(answer);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        session.out.warn(error.message);
      }
    }
  } finally {
    lines.close();
  }
}

/** Writes all files or none. A .gitignore of one's own is no obstacle, but then the secrets' place is told. */
async function writeNew(dir: string, files: Record<string, string>): Promise<string[]> {
  const names = Object.keys(files).sort();
  const there: string[] = [];
  for (const name of names) if (await exists(join(dir, name))) there.push(name);
  const inTheWay = there.filter((name) => name !== '.gitignore');
  if (inTheWay.length > 0)
    throw new ConfigError(
      `${dir} already has ${inTheWay.join(', ')}, and nothing is overwritten\nName another folder with --config DIR, or move these away.`,
    );
  const written = names.filter((name) => !there.includes(name));
  for (const name of written) {
    const path = join(dir, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, files[name]!, { flag: 'wx' });
    } catch (error) {
      throw new ConfigError(
        `${path} cannot be written (${(error as NodeJS.ErrnoException).code})\nName another folder with --config DIR.`,
      );
    }
  }
  return written;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

function nextSteps(dir: string, tools: readonly Tool[]): string[] {
  const at = dir === '.' ? '' : ` --config ${dir}`;
  const secret = tools.some((tool) => tool !== 'csv');
  return [
    secret
      ? `Fill in the credentials: copy ${join(dir, '.env.example')} to ${join(dir, '.env')}, which git ignores and every command reads.`
      : `Put your files where ${join(dir, 'hub.yaml')} says (path), and correct the columns in mappings/.`,
    `nayose check${at}    says whether the credentials work and how the mappings fit`,
    `nayose plan${at}     shows what a sync would do, and writes nothing`,
  ];
}
