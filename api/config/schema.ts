import { CronPattern } from 'croner';
import { z } from 'zod';
import { MESSAGE_FORMATS } from '../../connectors/webhook/config.ts';
import { EVENTS } from '../../core/messages/rule.ts';
import { DEFAULT_EDITS } from '../../core/sync/ports.ts';
import { checkRegion, checkTimeZone } from '../../mappings/places.ts';

export const ATTRIBUTE_TYPES = [
  'text',
  'given-name',
  'family-name',
  'full-name',
  'given-kana',
  'family-kana',
  'full-kana',
  'company-name',
  'email',
  'phone',
  'url',
  'domain',
  'postal-code',
  'region',
  'city',
  'street',
  'address',
  'corporate-number',
  'code',
  'date',
  'datetime',
  'number',
  'boolean',
  'option',
  'options',
  'reference',
] as const;

/** Names that become part of addresses, keys and file names. */
const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'letters, digits, - and _, beginning with a letter');
const named = (what: string) => z.string({ error: what }).trim().min(1, `${what}, not empty`);
const text = named('text');
const entityName = named('the name of an entity, such as person');

/** A share (20%) as a number between 0 and 1, or a count. 100% lets everything pass. */
const limit = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?\s*%$/, 'a number, or a share such as 20%')], {
    error: 'a number, or a share such as 20%',
  })
  .transform((value, issues) => {
    if (typeof value === 'number') {
      if (Number.isInteger(value)) return value;
      issues.addIssue({ code: 'custom', message: 'a count is a whole number; a share is written as 20%' });
      return z.NEVER;
    }
    const share = Number(value.replace(/\s*%$/, '')) / 100;
    if (share < 1) return share;
    // As a number 1 would be a count of one.
    if (share === 1) return Number.MAX_SAFE_INTEGER;
    issues.addIssue({ code: 'custom', message: 'a share is at most 100%' });
    return z.NEVER;
  });

const RULES =
  'latest, complete, longest, any, all, min, max, sum, union, { prefer: [connection] } or { rank: [value] }';

const rule = z.union(
  [
    z.enum(['latest', 'complete', 'longest', 'any', 'all', 'min', 'max', 'sum', 'union']),
    z.strictObject({ prefer: z.array(text).min(1) }),
    z.strictObject({ rank: z.array(text).min(1) }),
  ],
  { error: `one of ${RULES}` },
);

const attribute = z.strictObject({
  type: z.enum(ATTRIBUTE_TYPES),
  label: text.optional(),
  entity: text.optional().meta({ description: 'For a reference: the entity it points to' }),
  group: text.optional().meta({ description: 'Attributes of one group always come from one record' }),
});

const entity = z.strictObject({
  extends: z.enum(['person', 'company', 'deal']).optional(),
  label: text.optional(),
  attributes: z
    .record(
      name,
      z.union([z.enum(ATTRIBUTE_TYPES), attribute], {
        error: `a type (${ATTRIBUTE_TYPES.join(', ')}), or a map such as { type: text, label: … }`,
      }),
    )
    .optional(),
  survivorship: z
    .record(
      z.string(),
      z.union([rule, z.array(rule).min(1)], { error: `one of ${RULES}, or a list of these` }),
    )
    .optional(),
});

const DELETES = z.enum(['unlink', 'archive', 'ask']);

const MERGE = z.enum(['never', 'review']);

const member = z.strictObject({
  mapping: named('the name of a file in mappings/, without .yaml'),
  mode: z.enum(['both', 'read', 'write']).default('both'),
  create: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          when: named('a JSONata expression over golden values, such as lifecycle = "customer"'),
        }),
      ],
      { error: 'true, false, or a map such as { when: lifecycle = "customer" }' },
    )
    .default(false)
    .meta({
      description: 'Create records that this tool lacks: all, or those whose golden values meet a condition',
    }),
  deletes: DELETES.optional().meta({ description: 'For this tool; default: what the sync says' }),
  mergeInTool: MERGE.optional().meta({ description: 'For this tool; default: what the sync says' }),
  erase: z.boolean().optional().meta({
    description: 'May `nayose erase` delete records there? Default: yes, unless the mode is read',
  }),
});

const schedule = named('a cron pattern such as "*/5 * * * *"').superRefine((pattern, issues) => {
  try {
    new CronPattern(pattern, 'UTC', { mode: '5-or-6-parts' });
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, '');
    issues.addIssue({
      code: 'custom',
      message: `not a cron pattern: ${why}`,
      params: { fix: 'every five minutes is "*/5 * * * *"' },
    });
  }
});

const sync = z.strictObject({
  entity: entityName,
  schedule: schedule.optional().meta({ description: 'A cron pattern, in the time zone of hub' }),
  reconcile: z
    .union([schedule, z.strictObject({ schedule, repair: z.boolean().default(false) })])
    .optional()
    .meta({
      description:
        'A cron pattern, or { schedule, repair }: when everything in the tools is compared with the hub',
    }),
  realtime: z.boolean().default(false).meta({ description: 'Follow webhooks and feeds' }),
  guards: z
    .strictObject({
      maxChanged: limit
        .optional()
        .meta({ description: 'Golden records that would be written to. Default: half, and at least 1,000' }),
      maxDeleted: limit.optional().meta({
        description:
          'Records of one tool that it reports deleted; 0: the hub writes no delete. Default: half, and at least 100',
      }),
      maxMissing: limit
        .optional()
        .meta({ description: 'Records that a full read of a tool does not show any more. Default: half' }),
      maxGrowth: z
        .int()
        .min(1)
        .optional()
        .meta({ description: 'Records that may join one golden record between two runs. Default: 25' }),
    })
    .default({})
    .meta({ description: 'A run that would go past them stops before its first write' }),
  edits: z
    .strictObject({
      lookAgain: z.number().min(0).default(DEFAULT_EDITS.lookAgain).meta({
        description:
          'Seconds after which records are read again before they are written to; 0: before every write',
      }),
      rounds: z
        .int()
        .min(2)
        .max(100)
        .default(DEFAULT_EDITS.rounds)
        .meta({ description: 'Writes overwritten in their tool after which a field counts as flipping' }),
      within: z
        .number()
        .min(60)
        .default(DEFAULT_EDITS.within)
        .meta({ description: 'Seconds within which these rounds must happen' }),
    })
    .default(DEFAULT_EDITS)
    .meta({ description: 'What happens to edits in the tools that meet the writes of the hub' }),
  deletes: DELETES.default('unlink').meta({
    description:
      'When somebody deletes a record in one tool, its counterparts in the others: unlink leaves them, archive deletes them too, ask lets a person say',
  }),
  mergeInTool: MERGE.default('never').meta({
    description:
      'Offer duplicates within one tool to people, to be merged there by its own merge (HubSpot contacts)',
  }),
  members: z
    .array(
      z.union([text, member], {
        error: 'the name of a mapping, or a map such as { mapping: crm-contact, mode: both }',
      }),
      { error: 'a list of mappings, such as [{ mapping: crm-contact, mode: both, create: true }]' },
    )
    .min(1),
});

const receiver = named('the name of a connection of type webhook');

const alert = z.strictObject({
  entity: entityName,
  when: named('a JSONata expression, such as score >= 80').meta({
    description: 'JSONata over golden values; $previous is what they were before the change',
  }),
  to: receiver.meta({ description: 'A connection of type webhook with a url' }),
  format: z
    .enum(MESSAGE_FORMATS)
    .optional()
    .meta({ description: 'How the message is written; default: the format of its connection' }),
});

const webhook = z.strictObject({
  to: receiver.meta({ description: 'A connection of type webhook with a url and a secret' }),
  events: z
    .array(z.enum(EVENTS))
    .min(1)
    .default([...EVENTS])
    .meta({ description: 'What happens to golden records that it is told of; default: all' }),
  entity: text.optional().meta({ description: 'Only of this entity; default: of all' }),
});

const hub = z.strictObject({
  region: z.string().superRefine(checkRegion).optional(),
  timeZone: z.string().superRefine(checkTimeZone).optional(),
});

/** hub.yaml, with a connection's own keys left to `connection`: any, or one form for each connector. */
export function hubSchema<C extends z.ZodType>(connection: C) {
  return z.strictObject({
    hub: hub.optional().meta({ description: 'Defaults: region JP, timeZone Asia/Tokyo' }),
    connections: z.record(name, connection),
    entities: z.record(name, entity).optional(),
    syncs: z.record(name, sync).optional(),
    alerts: z.record(name, alert).optional(),
    webhooks: z
      .array(webhook)
      .optional()
      .meta({ description: 'Who is told, by signed messages, what happens to golden records' }),
  });
}

export const HUB_FILE = hubSchema(
  z.looseObject(
    { type: named('the type of a tool: salesforce, hubspot, webhook or csv') },
    { error: 'a map such as { type: csv, path: ./files }' },
  ),
);
export type HubFile = z.infer<typeof HUB_FILE>;
