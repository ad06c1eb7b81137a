import { join } from 'node:path';
import { CONNECTORS } from '../../../connectors/registry.ts';
import type { Report } from '../../check/report.ts';
import { USUAL_SAMPLE } from '../../check/sample.ts';
import { ConfigError } from '../../config/error.ts';
import { jsonSchemas } from '../../config/jsonSchema.ts';
import { type Choices, entitiesOf, KITS, scaffold, type Tool, type Urls } from '../../config/scaffold.ts';
import { type Asker, terminalAsker } from '../../init/ask.ts';
import { draft, NotLetIn } from '../../init/draft.ts';
import { type Access, askAccess, reachable } from '../../init/interview.ts';
import { createLog } from '../../runtime/log.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import type { Env, Session } from '../session.ts';
import { findingText, sampleIn, scoreLine } from './check/text.ts';
import { nothingInTheWay, writeNew } from './init/folder.ts';
import { checkRegion, checkZone, STANDARD, TOOLS, toolsIn, urlOption } from './init/options.ts';

export const initCommand: Command = {
  name: 'init',
  usage: 'init [--tools salesforce,hubspot] [--yes] [--offline]',
  summary: 'asks which tools, reads their schemas, writes a config folder with a mapping that fits them',
  details: `  --tools           some of ${TOOLS.join(', ')}
  --region          country of phone numbers that name none
  --time-zone       of times that name none, and of schedules
  --salesforce-url  where Salesforce lets you log in, unless it is https://login.salesforce.com
  --hubspot-url     where HubSpot’s API is, unless it is https://api.hubapi.com
  --sample          records that are read of each object (${USUAL_SAMPLE} where it is not said)
  --offline         asks no tool: writes the presets as they are
  --yes             asks nothing: salesforce and hubspot, unless --tools says otherwise
  Tools whose credentials are in the environment (${TOOLS.flatMap((tool) => (KITS[tool].tells ? KITS[tool].env.map(([name]) => name) : [])).join(', ')}) are logged
  in to, and the mapping is proposed from the names, types and sampled values of their fields. No secret is written: the
  folder refers to the environment. Nothing that is there is ever overwritten, and nothing is written to any tool.`,
  options: {
    tools: { type: 'string' },
    region: { type: 'string' },
    'time-zone': { type: 'string' },
    'salesforce-url': { type: 'string' },
    'hubspot-url': { type: 'string' },
    sample: { type: 'string' },
    offline: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
  },
  words: { min: 0, max: 0 },
  async run(session, { values }) {
    const region = checkRegion(values.region as string | undefined);
    const timeZone = checkZone(values['time-zone'] as string | undefined);
    const sample = sampleIn(values.sample as string | undefined);
    const urls: Urls = {
      ...urlOption('salesforce', values['salesforce-url'] as string | undefined),
      ...urlOption('hubspot', values['hubspot-url'] as string | undefined),
    };
    const asker =
      values.yes === true || session.out.json || !process.stdin.isTTY
        ? undefined
        : terminalAsker(session.signal);
    try {
      const given = values.tools as string | undefined;
      const tools =
        given !== undefined ? toolsIn(given) : values.yes === true ? STANDARD : await askTools(asker);
      const choices: Choices = {
        tools,
        entities: entitiesOf(tools),
        urls,
        ...(region === undefined ? {} : { region }),
        ...(timeZone === undefined ? {} : { timeZone }),
        schemas: jsonSchemas(CONNECTORS),
      };
      await nothingInTheWay(session.dir, Object.keys(scaffold(choices)));
      const { read, ...learnt } =
        values.offline === true
          ? { read: [], choices }
          : await learn(session, choices, { env: session.env, urls, asker, sample });
      const files = scaffold(learnt.choices);
      const written = await writeNew(session.dir, files);
      tell(session, tools, read, written, 'report' in learnt ? learnt.report : undefined);
      return 0;
    } finally {
      asker?.close();
    }
  },
};

function tell(
  session: Session,
  tools: readonly Tool[],
  read: readonly Tool[],
  written: readonly string[],
  report: Report | undefined,
): void {
  const steps = nextSteps(session, tools, read);
  const names = read.map((tool) => KITS[tool].connection).join(' and ');
  const { score, errors, warnings, findings } = report ?? {
    score: null,
    errors: 0,
    warnings: 0,
    findings: [],
  };
  session.out.result(
    { dir: session.dir, tools, files: written, read, score, errors, warnings, findings, next: steps },
    [
      `Written to ${session.dir}:`,
      ...written.map((name) => `  ${name}`),
      '',
      ...(report
        ? [
            `The mappings were fitted to ${names}, as they are now. ${scoreLine(report)}`,
            ...findings
              .filter(({ severity }) => severity !== 'info')
              .flatMap((finding) => ['', findingText(finding)]),
            '',
          ]
        : []),
      'Next:',
      ...steps.map((step, i) => `  ${i + 1}. ${step}`),
    ].join('\n'),
  );
}

/** Logs in to the tools whose credentials are at hand, and fits the mappings to them. Without any, the presets stay as they are. */
async function learn(
  session: Session,
  choices: Choices,
  given: { env: Env; urls: Urls; asker: Asker | undefined; sample: number },
): Promise<{ choices: Choices; read: Tool[]; report?: Report }> {
  const { asker, sample } = given;
  let access: Access = { env: given.env, urls: given.urls };
  for (;;) {
    if (asker) access = await askAccess(asker, choices.tools, access);
    const tools = reachable(choices.tools, access.env);
    const all = { ...choices, urls: access.urls };
    if (tools.length === 0) return { choices: all, read: [] };
    session.out.warn(`reading ${tools.join(' and ')}: schemas, and up to ${sample} records of each object`);
    try {
      const { report, ...learnt } = await draft({ ...all, tools }, access.env, {
        fetch,
        now: session.now,
        random: Math.random,
        log: createLog(session.env.LOG_LEVEL ?? 'error', []),
        signal: session.signal,
        sample,
      });
      return { choices: { ...all, ...learnt }, read: tools, report };
    } catch (error) {
      if (!(error instanceof NotLetIn)) throw error;
      const { check, message } = error;
      const fix = check.hint ? `\n  fix: ${check.hint}` : '';
      if (!asker)
        throw new ConfigError(
          `${message}${fix}\nNothing was written. With --offline the presets are written without asking the tools.`,
        );
      session.out.warn(`${message}${fix}`);
      access = without(access, check.type as Tool);
    }
  }
}

/** The credentials that were refused are asked for again. */
function without({ env, urls }: Access, tool: Tool): Access {
  const names = new Set(KITS[tool].env.map(([name]) => name));
  return { urls, env: Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name))) };
}

async function askTools(asker: Asker | undefined): Promise<Tool[]> {
  if (!asker)
    throw new UsageError(`there is no terminal to ask on: say --tools ${STANDARD.join(',')}, or --yes`);
  for (;;) {
    const answer = await asker.ask(
      `Which tools shall the hub connect? ${TOOLS.join(', ')} [${STANDARD.join(', ')}] `,
    );
    if (answer === '') return STANDARD;
    try {
      return toolsIn(answer);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      asker.say(error.message);
    }
  }
}

function nextSteps({ dir, env }: Session, tools: readonly Tool[], read: readonly Tool[]): string[] {
  const at = dir === '.' ? '' : ` --config ${dir}`;
  const secret = tools.some((tool) => tool !== 'csv');
  const needed = tools.flatMap((tool) => KITS[tool].env.map(([name]) => name)).filter((name) => !env[name]);
  const check = `nayose check${at}    says whether the credentials work and how the mappings fit`;
  return [
    ...(!secret
      ? [`Put your files where ${join(dir, 'hub.yaml')} says (path), and correct the columns in mappings/.`]
      : needed.length > 0
        ? [
            `Fill in the credentials (${needed.join(', ')}): copy ${join(dir, '.env.example')} to ${join(dir, '.env')}, which git ignores and every command reads.`,
          ]
        : []),
    ...(tools.every((tool) => read.includes(tool)) ? [] : [check]),
    `nayose plan${at}     shows what a sync would do, and writes nothing`,
    `nayose sync${at}     does it`,
  ];
}
