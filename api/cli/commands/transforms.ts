import { didYouMean } from '../../../mappings/nearest.ts';
import { describeTransforms, type TransformDoc } from '../../../mappings/transforms/describe.ts';
import { TRANSFORMS } from '../../../mappings/transforms/index.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';

export const transformsCommand: Command = {
  name: 'transforms',
  usage: 'transforms [NAME]',
  summary: 'what `in` and `out` of a mapping can do to a value, with examples',
  options: {},
  words: { min: 0, max: 1 },
  async run(session, { positionals: [name] }) {
    const transforms = describeTransforms(name);
    if (name !== undefined && transforms.length === 0)
      throw new UsageError(
        `there is no transform "${name}": ${didYouMean(name, TRANSFORMS.keys()) ?? "'nayose transforms' lists all"}`,
      );
    session.out.result({ transforms }, name === undefined ? overview(transforms) : whole(transforms[0]!));
    return 0;
  },
};

const overview = (transforms: readonly TransformDoc[]) =>
  [
    table(
      ['transform', 'for example', 'from', 'to'],
      transforms.map(({ name, examples: [first] }) => [
        name,
        `${first!.direction}: [${first!.step}]`,
        JSON.stringify(first!.input),
        first!.fails === null ? JSON.stringify(first!.output) : `(${first!.fails})`,
      ]),
    ),
    '',
    "'nayose transforms NAME' tells all of one.",
  ].join('\n');

function whole({ name, doc, arguments: args, short, oneWay, examples }: TransformDoc): string {
  const rows = args.map((one) => [
    `  ${one.name}`,
    one.takes,
    one.required ? 'required' : one.default === null ? '' : `default: ${JSON.stringify(one.default)}`,
  ]);
  return [
    `${name}: ${doc}`,
    ...(oneWay
      ? [
          'What it takes away cannot be written back: with it on in, an entry is read-only unless it has an out.',
        ]
      : []),
    ...(rows.length > 0 ? ['', table(['  argument', 'takes', ''], rows)] : []),
    ...(short === null ? [] : [`  The bare form { ${name}: … } means ${short}.`]),
    '',
    table(
      ['  example', 'from', 'to'],
      examples.map((one) => [
        `  ${one.direction}: [${one.step}]`,
        JSON.stringify(one.input),
        one.fails === null ? JSON.stringify(one.output) : `cannot be read: ${one.fails}`,
      ]),
    ),
  ].join('\n');
}
