import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { formatProblem } from '../../mappings/problem.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { describeTransforms, type TransformDoc } from '../../mappings/transforms/describe.ts';
import { TRANSFORMS } from '../../mappings/transforms/index.ts';

test('every transform is described, with an example of each direction that it treats differently', () => {
  const all = describeTransforms();
  expect(all.map(({ name }) => name)).toEqual([...TRANSFORMS.keys()]);
  for (const one of all) {
    expect(one.examples.length, one.name).toBeGreaterThan(0);
    // What is undone on out shows what it writes there.
    const undone = TRANSFORMS.get(one.name)!.inverse !== undefined && !['split', 'join'].includes(one.name);
    if (undone && one.arguments.length > 0)
      expect(
        one.examples.map(({ direction }) => direction),
        one.name,
      ).toEqual(one.name === 'datetime' ? expect.any(Array) : expect.arrayContaining(['in', 'out']));
  }
});

test('examples are written as a mapping takes them', () => {
  for (const { examples } of describeTransforms())
    for (const { step, direction } of examples) {
      const { problems } = parseMapping(
        'm.yaml',
        `connection: c\nobject: o\nentity: person\nfields:\n  title:\n    field: T\n    ${direction}: [${step}]\n`,
      );
      expect(problems.map(formatProblem).join('\n')).toBe('');
    }
});

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function section({ name, doc, arguments: args, short, oneWay, examples }: TransformDoc): string {
  return [
    `### ${name}`,
    doc,
    ...(oneWay
      ? ['', 'One way: an entry with it on `in` is read-only unless it says how to write (`out`).']
      : []),
    ...(args.length === 0
      ? []
      : [
          '',
          ...args.map(
            (one) =>
              `- \`${one.name}\`${one.name === short ? ` (or bare: \`{ ${name}: … }\`)` : ''}: ${one.takes}${
                one.required
                  ? ', required'
                  : one.default === null
                    ? ''
                    : `; default ${JSON.stringify(one.default)}`
              }`,
          ),
        ]),
    '',
    '| in the mapping | from | to |',
    '| --- | --- | --- |',
    ...examples.map(
      (one) =>
        `| \`${one.direction}: [${cell(one.step)}]\` | \`${cell(JSON.stringify(one.input))}\` | ${
          one.fails === null ? `\`${cell(JSON.stringify(one.output))}\`` : `held back: ${cell(one.fails)}`
        } |`,
    ),
  ].join('\n');
}

test('docs/transforms.md says what the program does', async () => {
  const page = `# Transforms
What \`in\` and \`out\` of a mapping can do to a value: \`in: [trim, { truncate: 80 }]\`. Steps run from left to right; an empty value stays empty. Where \`out\` is left out, what \`in\` does is undone if that can be. \`nayose transforms\` shows this page on the terminal. It is made from the transforms' own definitions, and the examples are run as tests.

What they cannot do, a [JSONata](https://docs.jsonata.org) expression in their place can: \`in: "FirstName & ' ' & LastName"\`. It runs for a second at most, without a clock, dice or network. See [mappings.md](mappings.md).

${describeTransforms().map(section).join('\n\n')}
`;
  await expect(page).toMatchFileSnapshot(fileURLToPath(new URL('../../docs/transforms.md', import.meta.url)));
});
