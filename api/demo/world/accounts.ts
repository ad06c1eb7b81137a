import type { Draft } from './contacts.ts';
import type { Random } from './random.ts';
import { hubspotCompany, salesforceAccount } from './records.ts';
import { modified, type Run } from './run.ts';
import type { Seed, Tool, World } from './types.ts';

/** Every tool holds the companies of its contacts; what no contact works for is in one of the tools. */
export function addCompanies(
  rng: Random,
  world: World,
  contacts: Record<Tool, Draft[]>,
  tools: Tool[],
  run: Run,
): void {
  const needed = (tool: Tool) => new Set(contacts[tool].map(({ entry }) => entry.companyId));
  const inTool: Record<Tool, Set<string>> = { crm: needed('crm'), ma: needed('ma') };
  for (const company of world.companies) {
    const own = rng.fork(company.id);
    if (!inTool.crm.has(company.id) && !inTool.ma.has(company.id)) inTool[own.pick(tools)].add(company.id);
    const make = (tool: Tool, list: Seed[], copy: number) => {
      const tags: string[] = copy > 0 ? ['duplicate-account'] : [];
      const habits = { kind: tool, messiness: run.messiness, nameCounts: false };
      const sure = !own.chance(run.messiness);
      const fork = own.fork(`${tool}/${copy}`);
      const write = tool === 'crm' ? salesforceAccount : hubspotCompany;
      list.push({
        key: `${tool}-${company.id}${copy > 0 ? `-${copy}` : ''}`,
        companyId: company.id,
        fields: write(fork, company, habits, sure, tags),
        at: modified(fork, run),
        variations: tags,
      });
    };
    if (inTool.crm.has(company.id)) {
      make('crm', world.crm.accounts, 0);
      if (own.chance(0.06 * run.messiness)) make('crm', world.crm.accounts, 1);
    }
    if (inTool.ma.has(company.id)) make('ma', world.ma.companies, 0);
  }
}
