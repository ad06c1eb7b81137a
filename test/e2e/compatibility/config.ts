import type { Served } from '../../../api/demo/sandboxes.ts';

/** In HubSpot; users in Salesforce have the same addresses. */
export const OWNERS = [
  { id: '101', email: 'hana@maker.example', firstName: 'Hana', lastName: 'Abe', archived: false },
  { id: '102', email: 'ken@maker.example', firstName: 'Ken', lastName: 'Ito', archived: false },
];

/** Mappings that fit a clean pair; file → text. `users`: ids in Salesforce, in the order of the owners. */
export function configOf({ salesforceUrl, hubspotUrl }: Served, users: string[]): Record<string, string> {
  const members = (...names: string[]) =>
    `[${names.map((name) => `{ mapping: ${name}, mode: both, create: true }`).join(', ')}]`;
  const owners = (ids: readonly string[]) =>
    `{ ${ids.map((id, i) => `"${id}": ${OWNERS[i]!.email}`).join(', ')} }`;
  const text = (...names: string[]) => names.map((name) => `      ${name}: { type: text }\n`).join('');
  const option = (...names: string[]) => names.map((name) => `      ${name}: { type: option }\n`).join('');
  return {
    'hub.yaml': `hub: { region: JP, timeZone: Asia/Tokyo }
connections:
  crm: { type: salesforce, loginUrl: "${salesforceUrl}", auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  ma: { type: hubspot, baseUrl: "${hubspotUrl}", accessToken: "\${HUBSPOT_TOKEN}" }
entities:
  person:
    extends: person
    attributes:
${text('owner', 'memo')}${option('tier', 'plan', 'channel', 'rank')}      topics: { type: options }
      visits: { type: number }
      score: { type: number }
      branch: { type: reference, entity: branch }
  branch:
    attributes:
      label: { type: text }
syncs:
  companies: { entity: company, schedule: "*/5 * * * *", members: ${members('crm-account', 'ma-company')} }
  people: { entity: person, schedule: "*/5 * * * *", members: ${members('crm-contact', 'ma-contact')} }
  deals: { entity: deal, schedule: "*/5 * * * *", members: ${members('crm-deal', 'ma-deal')} }
`,
    'mappings/crm-account.yaml': `connection: crm
object: Account
entity: company
fields:
  name: { field: Name, out: [{ default: "[not provided]" }] }
  website: Website
  employees: NumberOfEmployees
`,
    'mappings/ma-company.yaml': `connection: ma
object: companies
entity: company
fields:
  name: name
  website: website
  employees: numberofemployees
`,
    'mappings/crm-contact.yaml': `connection: crm
object: Contact
entity: person
fields:
  familyName: { field: LastName, out: [{ default: "[not provided]" }] }
  givenName: FirstName
  email: { field: Email, in: [email] }
  title: Title
  department: Department
  fax: Fax
  company: { field: AccountId, reference: company }
  customerCode: Code__c
  tier: { field: Tier__c, values: { Gold: gold, Silver: silver, Bronze: bronze } }
  plan: { field: Plan__c, values: { Free: free, Pro: pro, Enterprise: enterprise } }
  channel: Channel__c
  rank: { field: Rank__c, values: { A: a, B: b } }
  topics: Topics__c
  memo: Memo__c
  visits: Visits__c
  score: Score__c
  owner: { field: OwnerId, values: ${owners(users)} }
`,
    'mappings/ma-contact.yaml': `connection: ma
object: contacts
entity: person
fields:
  familyName: lastname
  givenName: firstname
  fullName: { in: "lastname & ' ' & firstname" }
  email: { field: email, in: [email] }
  title: jobtitle
  department: department
  fax: fax
  company: { field: associations.companies, reference: company }
  customerCode: customer_code
  tier: tier
  plan: plan
  channel: channel
  rank: rank
  topics: topics
  memo: memo
  visits: visits
  score: score
  owner: { field: hubspot_owner_id, values: ${owners(OWNERS.map(({ id }) => id))} }
`,
    'mappings/crm-deal.yaml': `connection: crm
object: Opportunity
entity: deal
fields:
  name: { field: Name, out: [{ default: "[not provided]" }] }
  amount: Amount
  stage: { field: StageName, values: { Prospecting: prospecting, Qualification: qualification, Closed Won: won, Closed Lost: lost, Proposal/Price Quote: other, Negotiation/Review: other }, out: [{ default: Prospecting }] }
  closeDate: { field: CloseDate, out: [{ default: 2030-01-01 }] }
  company: { field: AccountId, reference: company }
`,
    'mappings/ma-deal.yaml': `connection: ma
object: deals
entity: deal
fields:
  name: dealname
  amount: amount
  stage: { field: dealstage, values: { appointmentscheduled: prospecting, qualifiedtobuy: qualification, closedwon: won, closedlost: lost, contractsent: other, presentationscheduled: other } }
  closeDate: closedate
  company: { field: associations.companies, reference: company }
  person: { field: associations.contacts, reference: person }
`,
  };
}
