import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createBench } from './harness.ts';

const PAGE = resolve(import.meta.dirname, '../../../docs/matching.md');
const AT = '2025-01-01T00:00:00Z';

const FAMILIES = ['勅使河原', '小鳥遊', '月見里', '薬袋', '五十嵐', '長谷川'];
const GIVEN = ['誠', '花子', '健', '彩', '翔'];

/** Ids and times differ from run to run: they are shown by their beginning, and not at all. */
const lasting = (text: string) =>
  text
    .replace(/\bg_\w+/gu, 'g_…')
    .replace(/\b00[13]\w{12,15}\b/gu, (id) => `${id.slice(0, 3)}…`)
    .replace(/\bd_\w+/gu, 'd_…')
    .replace(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/gu, '(time)')
    .replace(/ +$/gmu, '')
    .trim();

/** The parts of an output that the page shows, with … for what it leaves out. */
function only(text: string, show: (line: string) => boolean): string {
  const lines: string[] = [];
  for (const line of text.split('\n'))
    if (show(line)) lines.push(line);
    else if (lines.at(-1) !== '…') lines.push('…');
  return lines.join('\n');
}

/** The lines from a heading to the next empty one. */
function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  const length = lines.slice(from).indexOf('');
  return lines.slice(from, length === -1 ? undefined : from + length).join('\n');
}

/** What the commands of the page print, by the name that stands above each block of it. */
async function outputs(): Promise<Map<string, string>> {
  const bench = await createBench();
  const found = new Map<string, string>();
  const say = async (...argv: string[]) => {
    const { code, out, err } = await bench.nayose(...argv);
    expect([code, err], argv.join(' ')).toEqual([0, expect.any(String)]);
    return lasting(out);
  };
  try {
    const { salesforce, hubspot } = bench.boxes;
    const [account] = salesforce.seed('Account', [{ fields: { Name: '株式会社アオゾラ' }, at: AT }]) as [
      string,
    ];
    const contact = (LastName: string, FirstName: string, rest: Record<string, string>) =>
      salesforce.seed('Contact', [{ fields: { LastName, FirstName, ...rest }, at: AT }])[0]!;
    const lead = (lastname: string, firstname: string, rest: Record<string, string>) =>
      hubspot.seed('contacts', [{ fields: { lastname, firstname, ...rest }, at: AT }])[0]!;
    const aya = contact('髙橋', '彩', {
      AccountId: account,
      Phone: '03-6206-1234',
      MobilePhone: '090-8123-4567',
    });
    const form = lead('高橋', '彩', { company: '㈱アオゾラ', mobilephone: '+81 90 8123 4567' });
    const yuko = contact('小林', '裕子', { AccountId: account, Phone: '03-6206-1234' });
    const other = lead('小林', '優子', { company: '(株)アオゾラ', phone: '0362061234' });
    for (const [i, family] of FAMILIES.entries())
      for (const [j, given] of GIVEN.entries()) {
        const mail = `p${i}${j}@mail${i}.example`;
        contact(family, given, { Email: mail });
        lead(family, given, { email: mail });
      }
    await say('apply');
    await say('sync');
    const show = async (name: string, argv: string[], part: (text: string) => string = (text) => text) => {
      const typed = argv.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ');
      found.set(name, `$ nayose ${lasting(typed)}\n${part(await say(...argv))}`);
    };
    const links = (text: string) => `…\n${section(text, 'LINKS')}\n…`;
    const hubYaml = await bench.read('hub.yaml');
    const tried = 'survivorship: { familyName: [{ prefer: [ma] }], phone:';
    await bench.write('hub.yaml', hubYaml.replace('survivorship: { phone:', tried));
    await show('whatif', ['what-if']);
    await bench.write('hub.yaml', hubYaml);
    await show('explain', ['explain', aya], links);
    await show('doubt', ['reviews', 'person', '--limit', '1']);
    const doubt = [`crm/Contact/${yuko}`, `ma/contacts/${other}`];
    await show('pair', ['explain', ...doubt]);
    await show('apart', ['reviews', ...doubt, '--apart', '--reason', 'two colleagues']);
    await show('split', ['split', aya, form, '--reason', 'filled in for somebody else']);
    const { decisions } = (await bench.json<{ decisions: { id: string }[] }>('undo')).data;
    await show('undo', ['undo', decisions[0]!.id, '--reason', 'the same after all']);
    await show('train', ['train', 'person'], (text) =>
      only(text, (line) => !/^ *(place|birth|code|company|phone) /u.test(line)),
    );
    for (const command of ['train', 'train']) await say(command, 'person', '--apply');
    await show('versions', ['train', 'person', '--versions']);
    await show('restore', ['train', 'person', '--restore', '1']);
  } finally {
    await bench.close();
  }
  return found;
}

test('docs/matching.md shows what the commands print (NAYOSE_WRITE_DOCS=1 writes it anew)', {
  timeout: 300_000,
}, async () => {
  const page = await readFile(PAGE, 'utf8');
  const found = await outputs();
  const named: string[] = [];
  const anew = page.replace(/<!-- output: (\w+) -->\n```\n[\s\S]*?\n?```/gu, (_, name: string) => {
    named.push(name);
    return `<!-- output: ${name} -->\n\`\`\`\n${found.get(name)}\n\`\`\``;
  });
  expect(named.sort()).toEqual([...found.keys()].sort());
  if (process.env.NAYOSE_WRITE_DOCS === '1') await writeFile(PAGE, anew);
  else expect(page).toBe(anew);
});
