/**
 * Outbound messages of workflow rules and flows: SOAP, up to 100 notifications in one, repeated until they are answered
 * as here. They are not signed, so they are hints to look; and they carry the latest values, in no order.
 */
import {
  type Acknowledgement,
  type Change,
  ConnectorError,
  type Context,
  type Inbound,
} from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { isId, to15, to18 } from './ids.ts';
import { type Element, readXml, split, XmlError } from './outbound-xml.ts';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
const MOST_NOTIFICATIONS = 1000;

/** Is it XML at all, or the JSON of a callout? */
export function isOutbound({ body }: Pick<Inbound, 'body'>): boolean {
  const head = new TextDecoder().decode(body.subarray(0, 64));
  return /^\s*</.test(head);
}

/** Throws ConnectorError 'rejected' for anything else than an outbound message of the configured org. */
export function parseOutbound(request: Inbound, ctx: Context<SalesforceConfig>): Change[] {
  const message = notificationsIn(request.body);
  checkOrganization(message, ctx.config.organizationId);
  const notifications = message.children.filter(({ name }) => name === 'Notification');
  if (notifications.length === 0 || notifications.length > MOST_NOTIFICATIONS)
    throw rejected(`it has ${notifications.length} notifications`);
  const at = ctx.now().toISOString();
  const changes = new Map<string, Change>();
  for (const notification of notifications) {
    const { stream, id } = recordIn(notification);
    changes.set(`${stream}/${id}`, { stream, id, at, op: 'touch' });
  }
  return [...changes.values()];
}

/** Without exactly this, Salesforce sends the message again for a day. */
export function acknowledgeOutbound(): Acknowledgement {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="${SOAP}"><soapenv:Body><notificationsResponse xmlns="${OUTBOUND}"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>`,
  };
}

function notificationsIn(body: Uint8Array): Element {
  let root: Element;
  try {
    root = readXml(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof XmlError) throw rejected(error.message);
    if (error instanceof TypeError) throw rejected('it is not UTF-8 text');
    throw error;
  }
  const inside = (element: Element | undefined, namespace: string, name: string) =>
    element?.children.find((child) => child.namespace === namespace && child.name === name);
  const envelope = root.namespace === SOAP && root.name === 'Envelope' ? root : undefined;
  const message = inside(inside(envelope, SOAP, 'Body'), OUTBOUND, 'notifications');
  if (message === undefined) throw rejected('it is no SOAP envelope with notifications');
  return message;
}

function checkOrganization(message: Element, wanted: string | undefined): void {
  if (wanted === undefined) return;
  const given = message.children.find(({ name }) => name === 'OrganizationId')?.text.trim() ?? '';
  if (!isId(given) || to15(given) !== to15(wanted))
    throw new ConnectorError('rejected', 'the outbound message is of another organization', {
      hint: 'Compare organizationId of the connection with the org’s own (Setup › Company Information).',
    });
}

/** `<sObject xsi:type="sf:Contact"><sf:Id>003…</sf:Id>` */
function recordIn({ children }: Element): { stream: string; id: string } {
  const record = children.find(({ name }) => name === 'sObject');
  const type = [...(record?.attributes ?? [])].find(([name]) => split(name)[1] === 'type')?.[1] ?? '';
  const [, stream] = split(type);
  const id = record?.children.find(({ name }) => name === 'Id')?.text.trim() ?? '';
  if (!/^[A-Za-z]\w*$/.test(stream) || !isId(id)) throw rejected('a notification names no record');
  return { stream, id: to18(id) };
}

const rejected = (why: string) =>
  new ConnectorError('rejected', `the hook’s body is no outbound message of Salesforce: ${why}`, {
    hint: 'The address takes outbound messages (SOAP), and { "object": "Contact", "ids": ["003…"] } as JSON.',
  });
