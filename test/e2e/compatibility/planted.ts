import { expect } from 'vitest';
import { text as property } from '../../../connectors/hubspot/sandbox/index.ts';
import { field, reference, text } from '../../../connectors/salesforce/sandbox/index.ts';
import { type Pair, picklist, prepare, SURNAMES, select } from './pair.ts';
import { PLANTS } from './plants.ts';

/** `Company` is required, and filled. */
const LEADS = `connection: crm
object: Lead
entity: lead
where: { LeadSorce: Web }
onCreate: { Company: "[not provided]", Websit: https://maker.example, Name: Somebody, Stage__c: Wonn, RecordTypeId: Partners, Score__c: many, Branch__c: 東京本社ビル }
fields:
  familyName: { field: LastName, out: [{ default: "[not provided]" }] }
  title: Title
  email: { field: Email, in: [email] }
`;

/** A pair with everything of PLANTS in it. */
export async function planted(): Promise<Pair> {
  let mio = '';
  return prepare({
    // Three syncs every five minutes are 288 calls a day for each object.
    dailyLimit: 3000,
    scopes: [
      ...['contacts', 'companies'].flatMap((object) => [
        `crm.objects.${object}.read`,
        `crm.objects.${object}.write`,
      ]),
      'crm.objects.deals.read',
      'crm.objects.owners.read',
    ],
    account({ salesforce, hubspot }) {
      salesforce.setField('Contact', field('phone', 'Fax', 'Fax', { length: 40, readOnly: true }));
      salesforce.setField('Contact', field('double', 'Code__c', 'Code', { scale: 0 }));
      salesforce.setField('Contact', picklist('Topics__c', ['crm', 'sales']));
      salesforce.setField('Contact', picklist('Channel__c', ['web', 'phone']));
      salesforce.setField('Opportunity', reference('Partner__c', 'Partner', 'Account'));
      salesforce.setField('Lead', text('Branch__c', 'Branch', 5));
      for (const name of ['Partner', 'Dealer']) salesforce.recordType('Lead', name);
      salesforce.seed(
        'Lead',
        SURNAMES.slice(0, 5).map((LastName, i) => ({
          fields: { LastName, Company: '工場', Email: `lead${i}@maker.example` },
        })),
      );
      hubspot.setProperty('contacts', select('plan', ['free', 'pro']));
      hubspot.setProperty('contacts', select('tier', ['gold', 'silver']));
      hubspot.setProperty('contacts', property('branch', 'Branch'));
      hubspot.dropProperty('companies', 'nayose_id');
      mio = salesforce.seed('User', [
        { fields: { Email: 'mio@maker.example', LastName: 'Mio', Username: 'mio', IsActive: true } },
      ])[0]!;
    },
    person(i, crm, ma) {
      if (i < 10) ma.visits = 'many';
      if (i < 5) ma.score = 1.234;
      if (i < 7) ma.memo = 'x'.repeat(41);
      if (i < 3) ma.lastname = '';
      if (i < 4) crm.OwnerId = mio;
      crm.Code__c = i;
      crm.Topics__c = 'crm';
      ma.plan = ['free', 'pro'][i % 2]!;
      ma.tier = ['gold', 'silver'][i % 2]!;
    },
    company(i, _, ma) {
      Object.assign(ma, {
        name: `別会社 ${i} 号`,
        website: `https://shop${i}.example`,
        domain: `shop${i}.example`,
      });
    },
    deal(i, _, ma) {
      if (i < 6) ma.closedate = '2026-04-01T09:30:00.000Z';
      ma.deal_currency_code = ['JPY', 'USD'][i % 2]!;
    },
    later({ salesforce }) {
      salesforce.dropField('Contact', 'Department');
      salesforce.dropField('Contact', 'Nayose_Id__c');
      salesforce.setField('Account', text('Segment__c', 'Segment', 40, { required: true }));
      salesforce.forbid('Opportunity', 'create');
    },
    files(files) {
      const all = { ...files };
      for (const { edit } of PLANTS)
        if (edit) {
          const [name, from, to] = edit;
          const file = `mappings/${name}.yaml`;
          expect(all[file]).toContain(from);
          all[file] = all[file]!.replace(from, to);
        }
      all['mappings/crm-branch.yaml'] =
        'connection: crm\nobject: Brunch__c\nentity: branch\nfields: { label: Name }\n';
      all['mappings/crm-user.yaml'] =
        'connection: crm\nobject: User\nentity: branch\nwhere: { IsActive: false }\nfields: { label: LastName }\n';
      all['mappings/crm-lead.yaml'] = LEADS;
      all['mappings/ma-lead.yaml'] =
        'connection: ma\nobject: contacts\nentity: lead\nwhere: { rank: [a, c], score: { not: many } }\nfields: { familyName: lastname, email: email }\n';
      all['hub.yaml'] = all['hub.yaml']!.replace('entities:\n', 'entities:\n  lead: { extends: person }\n');
      all['hub.yaml'] +=
        `  branches: { entity: branch, members: [{ mapping: crm-branch, mode: read }, { mapping: crm-user, mode: read }] }
  leads:
    entity: lead
    members:
      - { mapping: crm-lead, create: { when: "title = '部長'" } }
      - { mapping: ma-lead, create: { when: "$exists(familyName)" } }
`;
      return all;
    },
  });
}
