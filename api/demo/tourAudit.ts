import type { Audit, KindAudit } from './world/index.ts';

const n = (count: number) => count.toLocaleString('en');

/** What came of it, measured against the truth: good and bad alike. */
export function auditLines(audit: Audit, doubts: number): string[] {
  const lines = [kindLine('people', audit.people), kindLine('companies', audit.companies)];
  const wrong = audit.employers.salesforce.wrong.length + audit.employers.hubspot.wrong.length;
  const right = audit.employers.salesforce.right + audit.employers.hubspot.right;
  lines.push(
    `  ${n(right)} of ${n(right + wrong)} contacts that name a company point to the right one.`,
    doubts > 0
      ? `  Where somebody is there twice, the records were too unlike to join without asking; ${n(doubts)} pairs wait for a person to decide.`
      : '  No pair was left in doubt.',
  );
  return lines;
}

function kindLine(kind: string, { expected, salesforce, hubspot }: KindAudit): string {
  const tools = [salesforce, hubspot];
  const sum = (count: (tool: (typeof tools)[number]) => number) =>
    tools.reduce((total, tool) => total + count(tool), 0);
  const twice = sum(({ duplicated, wereTwice }) => duplicated.length + wereTwice.length);
  const missing = sum((tool) => tool.missing.length);
  const mixed = sum((tool) => tool.mixed.length);
  return (
    `  ${kind}: of ${n(expected)}, exactly once are ${n(salesforce.once)} in Salesforce and ${n(hubspot.once)} in HubSpot; ` +
    `${n(twice)} times a tool has somebody twice, ${n(missing)} times it lacks somebody; ${n(mixed)} records mix two.`
  );
}
