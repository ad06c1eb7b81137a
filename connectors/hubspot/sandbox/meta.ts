import { Hono } from 'hono';
import type { Account } from './account.ts';
import type { ObjectDef, PropertyDef } from './definitions.ts';
import { badRequest } from './errors.ts';

export interface Owner {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  archived: boolean;
}

/** What the account says of itself: properties, schemas, owners, account details. */
export function metaRoutes(account: Account, owners: Owner[], portalId: number): Hono {
  const app = new Hono();
  app.get('/crm/v3/properties/:type', (c) => {
    const { def } = account.table(c.req.param('type'));
    return c.json({ results: def.properties.map((property) => showProperty(property, owners)) });
  });
  app.post('/crm/v3/properties/:type', async (c) => {
    const table = account.table(c.req.param('type'));
    const { hasUniqueValue, ...given } = await c.req.json<PropertyDef & { hasUniqueValue?: boolean }>();
    if (!given.name || table.byName.has(given.name))
      throw badRequest(`A property named '${given.name}' already exists.`);
    const property = { ...given, custom: true, unique: hasUniqueValue ?? false };
    table.define(property);
    return c.json(showProperty(property, owners), 201);
  });
  for (const path of ['/crm/v3/schemas', '/crm-object-schemas/v3/schemas'])
    app.get(path, (c) => {
      const customs = [...account.tables.values()].map(({ def }) => def).filter((def) => def.custom);
      return c.json({ results: customs.map((def) => showSchema(def, owners, portalId)) });
    });
  for (const path of ['/crm/v3/owners', '/crm/v3/owners/'])
    app.get(path, (c) => c.json({ results: owners.filter((owner) => !owner.archived) }));
  app.get('/account-info/v3/details', (c) =>
    c.json({
      portalId,
      accountType: 'DEVELOPER_TEST',
      timeZone: 'Asia/Tokyo',
      companyCurrency: 'JPY',
      utcOffset: '+09:00',
      uiDomain: 'app.hubspot.com',
      dataHostingLocation: 'na1',
    }),
  );
  return app;
}

function showProperty(property: PropertyDef, owners: Owner[]) {
  const options = property.owner
    ? owners.map((owner) => ({ value: owner.id, label: `${owner.firstName} ${owner.lastName}` }))
    : (property.options ?? []);
  return {
    name: property.name,
    label: property.label,
    type: property.type,
    fieldType: property.fieldType,
    description: '',
    groupName: property.custom ? 'custom' : 'information',
    options: options.map((option, i) => ({ ...option, displayOrder: i, hidden: false, description: '' })),
    hasUniqueValue: (property.unique ?? false) && property.name !== 'email',
    calculated: property.calculated ?? false,
    externalOptions: property.owner ?? false,
    ...(property.owner ? { referencedObjectType: 'OWNER' } : {}),
    showCurrencySymbol: property.money ?? false,
    hubspotDefined: !property.custom,
    hidden: false,
    formField: true,
    archived: false,
    modificationMetadata: {
      readOnlyValue: property.readOnly ?? false,
      readOnlyDefinition: !property.custom,
      archivable: property.custom ?? false,
    },
  };
}

const showSchema = (def: ObjectDef, owners: Owner[], portalId: number) => ({
  id: def.typeId.slice(2),
  objectTypeId: def.typeId,
  name: def.name,
  fullyQualifiedName: `p${portalId}_${def.name}`,
  labels: { singular: def.name, plural: def.name },
  requiredProperties: def.required,
  searchableProperties: [],
  primaryDisplayProperty: def.properties[0]?.name,
  properties: def.properties.map((property) => showProperty(property, owners)),
  associations: [],
  archived: false,
});
