import { Cron } from 'croner';
import type { HubConfig } from '../config/types.ts';
import { leftOfDay, USUAL_SHARES } from '../ops/shares.ts';
import type { Reported } from './mappings.ts';
import type { CheckedBudget, ConnectionCheck } from './probe.ts';

const DAY_MS = 86_400_000;
const MOST_RUNS = 1440;
/** Of a tool's daily budget, the share that idle runs may take without a word: the customer's other apps live on it too. */
const FAIR_SHARE = 0.25;

/** What looking for changes costs on a day without any: one page of every object that is read, at every scheduled run. */
export function idleCallsPerDay(config: HubConfig, connection: string, now: Date): number {
  let calls = 0;
  for (const { schedule, members } of Object.values(config.syncs)) {
    if (schedule === undefined) continue;
    const read = members.filter(
      ({ mapping, mode }) => mode !== 'write' && config.mappings[mapping]?.connection === connection,
    );
    if (read.length > 0) calls += read.length * runsPerDay(schedule, config.hub.timeZone, now);
  }
  return calls;
}

function runsPerDay(schedule: string, timezone: string, now: Date): number {
  const end = now.getTime() + DAY_MS;
  return new Cron(schedule, { timezone, paused: true })
    .nextRuns(MOST_RUNS, now)
    .filter((at) => at.getTime() <= end).length;
}

/** What all apps have used, and what that comes to by the end of the day. */
function spentSoFar({ used, share, forecast }: CheckedBudget, now: Date, timeZone: string): string {
  if (used === undefined || share === undefined || !forecast) return '';
  const clock = (time: string | Date) =>
    new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(time));
  return `, ${used.toLocaleString('en')} of them (${Math.round(share * 100)}%) used by all apps by ${clock(now)}; at the day's pace ${Math.round(forecast.share * 100)}% by ${clock(forecast.at)}`;
}

const percent = (share: number) => `${Math.floor(share * 1000) / 10}%`;

/** Is the tool's daily budget enough for the schedules, and for the customer's other apps? Says nothing where the tool has none. */
export function checkBudget(config: HubConfig, check: ConnectionCheck, now: Date): Reported[] {
  const idle = idleCallsPerDay(config, check.name, now);
  const shares = config.connections[check.name]?.budget ?? USUAL_SHARES;
  return check.budgets
    .filter(({ perSeconds }) => perSeconds === DAY_MS / 1000)
    .map((budget): Reported => {
      const { limit } = budget;
      const own = Math.floor(limit * (1 - leftOfDay('incremental', shares)));
      const spent = spentSoFar(budget, now, config.hub.timeZone);
      const message = `scheduled runs that find nothing new take about ${idle.toLocaleString('en')} of ${limit.toLocaleString('en')} calls a day, which leaves ${percent(Math.max(0, 1 - idle / limit))} to changes and to other apps${spent}`;
      const about = { connection: check.name, kind: 'budget' as const, count: idle, of: limit };
      const fix = 'run syncs less often (schedule), and let webhooks bring what is urgent (realtime: true)';
      if (idle > own)
        return {
          ...about,
          severity: 'error',
          message: `${message}: runs may use ${own.toLocaleString('en')} of them (reserve, lanes), and would be stopped every day`,
          fix,
        };
      if (idle > limit * FAIR_SHARE) return { ...about, severity: 'warning', message, fix };
      return { ...about, severity: 'info', message };
    });
}
