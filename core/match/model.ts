import { SURNAME_CLASSES } from '../values/tables/surnames.ts';

/**
 * m: how often records of one entity agree at this level; u: how often two strangers do. Its weight is log2(m/u)
 * (Fellegi and Sunter 1969).
 */
export interface Level {
  m: number;
  u: number;
}

export type Base = 'person' | 'company' | 'deal';

/** All that matching has learnt, in one small readable file. */
export interface Model {
  version: 1;
  base: Base;
  /** Log2 odds that two records drawn at random are one entity. */
  prior: number;
  /** How many records that holds for, and fewer: see crowd.ts. Absent in what was learnt before this was told. */
  among?: number;
  /** Bits. From `link` on a pair needs no review; from `review` on it is shown; from `join` on it is more likely one than two. */
  link: number;
  join: number;
  review: number;
  comparisons: Record<string, Record<string, Level>>;
  /** Share of records that bear a value, by kind of value. Not listed: `rare` of its kind. */
  frequencies: Record<string, { rare: number; shares: Record<string, number> }>;
  /** What it was trained on; absent in the shipped model. */
  trained?: { records: number; pairs: number; iterations: number };
}

const surnames: Record<string, number> = {};
for (const { share, names } of SURNAME_CLASSES) for (const name of names.split(' ')) surnames[name] = share;

const PERSON: Model = {
  version: 1,
  base: 'person',
  prior: -13,
  among: 2 ** 13,
  link: 10,
  join: 0,
  review: -3,
  comparisons: {
    family: {
      exact: { m: 0.8, u: 0.003 },
      reading: { m: 0.1, u: 0.004 },
      similar: { m: 0.05, u: 0.006 },
      different: { m: 0.03, u: 0.987 },
    },
    given: {
      exact: { m: 0.76, u: 0.003 },
      reading: { m: 0.12, u: 0.004 },
      nickname: { m: 0.03, u: 0.004 },
      initial: { m: 0.02, u: 0.03 },
      similar: { m: 0.04, u: 0.008 },
      different: { m: 0.03, u: 0.951 },
    },
    email: {
      same: { m: 0.5, u: 0.00005 },
      similar: { m: 0.1, u: 0.0004 },
      local: { m: 0.03, u: 0.0008 },
      colleague: { m: 0.04, u: 0.06 },
      different: { m: 0.33, u: 0.94 },
    },
    phone: {
      mobile: { m: 0.3, u: 0.00003 },
      landline: { m: 0.35, u: 0.0006 },
      different: { m: 0.35, u: 0.99 },
    },
    company: {
      same: { m: 0.75, u: 0.002 },
      similar: { m: 0.1, u: 0.004 },
      unread: { m: 0.06, u: 0.06 },
      different: { m: 0.09, u: 0.934 },
    },
    place: {
      same: { m: 0.45, u: 0.0003 },
      near: { m: 0.15, u: 0.002 },
      area: { m: 0.1, u: 0.01 },
      city: { m: 0.1, u: 0.04 },
      different: { m: 0.2, u: 0.948 },
    },
    birth: {
      same: { m: 0.86, u: 0.00006 },
      near: { m: 0.1, u: 0.006 },
      different: { m: 0.04, u: 0.994 },
    },
    code: {
      same: { m: 0.75, u: 0.0006 },
      number: { m: 0.1, u: 0.0008 },
      near: { m: 0.04, u: 0.0005 },
      different: { m: 0.15, u: 0.998 },
    },
  },
  frequencies: { family: { rare: 0.0002, shares: surnames } },
};

const COMPANY: Model = {
  version: 1,
  base: 'company',
  prior: -12,
  among: 2 ** 12,
  link: 9,
  join: 0,
  review: -3,
  comparisons: {
    name: {
      exact: { m: 0.62, u: 0.0006 },
      core: { m: 0.16, u: 0.001 },
      form: { m: 0.02, u: 0.0006 },
      similar: { m: 0.08, u: 0.004 },
      part: { m: 0.03, u: 0.01 },
      word: { m: 0.04, u: 0.03 },
      unread: { m: 0.05, u: 0.08 },
      different: { m: 0.04, u: 0.874 },
    },
    number: {
      same: { m: 0.99, u: 0.00001 },
      different: { m: 0.002, u: 0.999 },
    },
    domain: {
      same: { m: 0.8, u: 0.0004 },
      different: { m: 0.12, u: 0.99 },
    },
    phone: {
      mobile: { m: 0.05, u: 0.0001 },
      landline: { m: 0.5, u: 0.0004 },
      different: { m: 0.4, u: 0.99 },
    },
    place: {
      same: { m: 0.4, u: 0.0005 },
      near: { m: 0.12, u: 0.002 },
      area: { m: 0.12, u: 0.015 },
      city: { m: 0.1, u: 0.04 },
      different: { m: 0.26, u: 0.943 },
    },
    code: {
      same: { m: 0.6, u: 0.0003 },
      number: { m: 0.15, u: 0.0005 },
      near: { m: 0.04, u: 0.0005 },
      different: { m: 0.25, u: 0.998 },
    },
  },
  frequencies: {},
};

const DEAL: Model = {
  version: 1,
  base: 'deal',
  prior: -12,
  among: 2 ** 12,
  link: 7,
  join: 0,
  review: -2,
  comparisons: {
    title: { exact: { m: 0.85, u: 0.001 }, similar: { m: 0.1, u: 0.01 }, different: { m: 0.05, u: 0.989 } },
    company: {
      same: { m: 0.95, u: 0.001 },
      similar: { m: 0.01, u: 0.004 },
      unread: { m: 0.01, u: 0.06 },
      different: { m: 0.03, u: 0.935 },
    },
    code: {
      same: { m: 0.95, u: 0.0002 },
      number: { m: 0.02, u: 0.0005 },
      near: { m: 0.04, u: 0.0005 },
      different: { m: 0.03, u: 0.999 },
    },
  },
  frequencies: {},
};

/** Shipped: sound for lists nobody has trained on. */
export const DEFAULT_MODEL: Record<Base, Model> = { person: PERSON, company: COMPANY, deal: DEAL };
