/** The demo's config folder: what a customer with a Salesforce and a HubSpot would write. File name → text. */
export function demoConfig(urls: { salesforceUrl: string; hubspotUrl: string }): Record<string, string> {
  return {
    'hub.yaml': `hub: { region: JP, timeZone: Asia/Tokyo }
connections:
  crm: { type: salesforce, loginUrl: "${urls.salesforceUrl}", auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  ma:  { type: hubspot, baseUrl: "${urls.hubspotUrl}", accessToken: "\${HUBSPOT_TOKEN}", clientSecret: "\${HUBSPOT_SECRET}" }
entities:
  person: { extends: person, survivorship: { phone: [{ prefer: [crm] }, latest] } }
syncs:
  companies:
    entity: company
    schedule: "*/5 * * * *"
    realtime: true
    members: [ { mapping: crm-account, mode: both, create: true }, { mapping: ma-company, mode: both, create: true } ]
  people:
    entity: person
    schedule: "*/5 * * * *"
    realtime: true
    guards: { maxChanged: 20%, maxDeleted: 0 }
    members: [ { mapping: crm-contact, mode: both, create: true }, { mapping: ma-contact, mode: both, create: true } ]
`,
    'mappings/crm-account.yaml': `preset: salesforce/account
connection: crm
fields:
  customerCode: CustomerCode__c
  corporateNumber: CorporateNumber__c
`,
    'mappings/crm-contact.yaml': `preset: salesforce/contact
connection: crm
fields:
  familyNameKana: LastNameKana__c
  givenNameKana: FirstNameKana__c
`,
    'mappings/ma-company.yaml': `preset: hubspot/company
connection: ma
fields:
  customerCode: customer_code
  corporateNumber: corporate_number
`,
    'mappings/ma-contact.yaml': `preset: hubspot/contact
connection: ma
fields:
  familyNameKana: kana_last
  givenNameKana: kana_first
`,
  };
}
