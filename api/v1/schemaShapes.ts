import { z } from '@hono/zod-openapi';
import type { Stream } from '../../connectors/contract.ts';

const FIELD = z
  .object({
    name: z.string(),
    label: z.string(),
    type: z.string(),
    length: z.int().optional(),
    options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
    required: z.boolean(),
    writable: z.boolean(),
    unique: z.boolean(),
    references: z.array(z.string()).optional(),
  })
  .openapi('Field');

export const STREAM = z
  .object({
    name: z.string(),
    label: z.string(),
    fields: z.array(FIELD),
    readable: z.boolean(),
    writable: z.boolean(),
  })
  .openapi('Stream');

export const showStream = ({ name, label, fields, read, write }: Stream): z.input<typeof STREAM> => ({
  name,
  label,
  fields: fields.map(
    ({ name: field, label: text, type, length, options, required, writable, unique, references }) => ({
      name: field,
      label: text,
      type,
      required,
      writable,
      unique,
      ...(length === undefined ? {} : { length }),
      ...(options === undefined ? {} : { options }),
      ...(references === undefined ? {} : { references }),
    }),
  ),
  readable: read !== false,
  writable: write !== false,
});
