import type {
  BudgetSaid,
  BudgetWish,
  DayState,
  Pause,
  TicketGrant,
  TicketWish,
} from '../../core/store/budgets.ts';

/** Tickets of one connection in the hands of one process: what `exchangeTickets` does for several. */
export interface Tickets {
  exchange(wish: TicketWish): TicketGrant;
  pause(pause: Pause): void;
  days(): DayState[];
}

/** `ms`: a clock that only goes forward, for windows; `now`: the time of day. */
export function createTickets(
  started: { days: readonly DayState[]; pause: Pause | undefined },
  now: () => Date,
  ms: () => number,
): Tickets {
  const days = new Map(started.days.map((day) => [day.name, day]));
  const learned = new Map<string, { limit: number; per: number }>();
  /** When each call in flight or ended can have been seen by the tool at the latest. */
  let ends = new Map<string, number>();
  let resting = started.pause;

  const since = (seconds: number, at: number) =>
    [...ends.values()].filter((end) => end > at - seconds * 1000).length;
  const windowOf = ({ name, calls, per }: BudgetWish) => learned.get(name) ?? { limit: calls, per };

  const heard = (budget: BudgetWish, lookEvery: number, at: number): DayState => {
    const { name, calls, per, rolling, said } = budget;
    const time = now();
    const before = days.get(name) ?? begun(name, calls, per, rolling, time);
    const day = {
      ...before,
      limit: said?.limit ?? before.limit,
      resetsAt:
        said?.resetsAt !== undefined && Date.parse(said.resetsAt) > time.getTime()
          ? said.resetsAt
          : before.resetsAt,
      lookAt: said?.exhaustedUntil ?? (said?.used === undefined ? before.lookAt : later(time, lookEvery)),
      since: rolling && said?.used !== undefined ? time.toISOString() : before.since,
    };
    if (Date.parse(day.resetsAt ?? later(new Date(day.since), per)) <= time.getTime())
      Object.assign(day, { used: 0, resetsAt: null, since: time.toISOString() });
    return { ...day, used: usedNow(day, said, said ? since(said.age + 0.5, at) : 0) };
  };

  return {
    pause(pause) {
      if (!resting || Date.parse(resting.until) <= now().getTime()) resting = pause;
    },
    days: () => [...days.values()],
    exchange({ budgets, want, ended, lease, lookEvery }) {
      const at = ms();
      for (const id of ended) if (ends.has(id)) ends.set(id, Math.min(ends.get(id)!, at));
      for (const { name, long, said, ...budget } of budgets)
        if (!long && said?.limit !== undefined)
          learned.set(name, { limit: said.limit, per: said.per ?? budget.per });
      const longest = Math.max(5, ...budgets.filter(({ long }) => !long).map((one) => windowOf(one).per));
      ends = new Map([...ends].filter(([, end]) => end > at - longest * 1000));
      const looking: DayState[] = [];
      const rooms = budgets.map((budget) => {
        if (!budget.long) {
          const { limit, per } = windowOf(budget);
          return Math.ceil(limit * (1 - budget.left)) - since(per, at);
        }
        const day = heard(budget, lookEvery, at);
        days.set(day.name, day);
        const room = Math.floor(day.limit * (1 - budget.left)) - day.used;
        if (room > 0) return room;
        const look = day.resetsAt === null && Date.parse(day.lookAt) <= now().getTime();
        if (look) looking.push(day);
        return look ? 1 : 0;
      });
      const pause = resting && Date.parse(resting.until) > now().getTime() ? resting : undefined;
      const granted = pause ? 0 : Math.max(0, Math.min(want.length, ...rooms));
      for (const id of want.slice(0, granted)) ends.set(id, at + lease * 1000);
      for (const { name, long } of budgets)
        if (long && granted > 0) {
          const day = days.get(name)!;
          const lookAt = looking.includes(day) ? later(now(), lookEvery) : day.lookAt;
          days.set(name, { ...day, used: day.used + granted, lookAt });
        }
      return {
        granted,
        pause,
        days: budgets.flatMap(({ name, long }) => (long ? days.get(name)! : [])),
      };
    },
  };
}

const later = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1000).toISOString();

const begun = (name: string, limit: number, per: number, rolling: boolean, now: Date): DayState => ({
  name,
  used: 0,
  limit,
  per,
  rolling,
  resetsAt: null,
  since: now.toISOString(),
  lookAt: new Date(0).toISOString(),
});

/** The tool's word is believed, save that calls which may have been in flight then are added. */
function usedNow({ used, limit }: DayState, said: BudgetSaid | undefined, recent: number): number {
  if (said?.used !== undefined) return Math.max(said.used, Math.min(used, said.used + recent));
  return said?.exhaustedUntil === undefined ? used : Math.max(limit, used);
}
