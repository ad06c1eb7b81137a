import type { Happening } from './account.ts';

export interface WebhookOptions {
  /** The full address, as the hub sees it. */
  url: string;
  clientSecret: string;
  appId?: number;
  fetch?: typeof fetch;
}

export interface WebhookSender {
  tell(happening: Happening): void;
  /** Resolves when all that was told has been delivered or given up. */
  settled(): Promise<void>;
}

const BATCH = 100;
const ATTEMPTS = 5;

/** Sends v3-signed batches of events, and again when the answer is not 2xx, as HubSpot does. */
export function createWebhookSender(
  options: WebhookOptions,
  portalId: number,
  now: () => Date,
): WebhookSender {
  const queue: object[] = [];
  let eventId = 1000;
  let sending: Promise<void> | undefined;

  const deliver = async (events: object[]) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const body = JSON.stringify(events.map((event) => ({ ...event, attemptNumber: attempt })));
      const timestamp = String(now().getTime());
      const signature = await sign(options.clientSecret, `POST${signedForm(options.url)}${body}${timestamp}`);
      const answer = await (options.fetch ?? fetch)(options.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-hubspot-signature-version': 'v3',
          'x-hubspot-signature-v3': signature,
          'x-hubspot-request-timestamp': timestamp,
        },
      }).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
    }
  };
  const drain = async () => {
    // One turn of the event loop: the events of one call leave together.
    await new Promise((resolve) => setTimeout(resolve, 0));
    while (queue.length > 0) await deliver(queue.splice(0, BATCH));
    sending = undefined;
  };

  return {
    tell(happening) {
      eventId += 1;
      queue.push(event(happening, { eventId, portalId, appId: options.appId ?? 0 }, now()));
      sending ??= drain();
    },
    async settled() {
      while (sending !== undefined) await sending;
    },
  };
}

function event(
  happening: Happening,
  ids: { eventId: number; portalId: number; appId: number },
  at: Date,
): object {
  const { def, kind, by } = happening;
  const base = {
    ...ids,
    subscriptionId: 1,
    occurredAt: at.getTime(),
    ...(def.custom
      ? { subscriptionType: `object.${kind}`, objectTypeId: def.typeId }
      : { subscriptionType: `${def.singular}.${kind}` }),
    objectId: Number(happening.id),
    changeSource: by === 'api' ? 'INTEGRATION' : 'CRM_UI',
    sourceId: by === 'api' ? String(ids.appId) : 'userId:1',
  };
  switch (kind) {
    case 'creation':
      return { ...base, changeFlag: 'NEW' };
    case 'deletion':
      return { ...base, changeFlag: 'DELETED' };
    case 'restore':
    case 'privacyDeletion':
      return base;
    case 'propertyChange':
      return { ...base, propertyName: happening.property, propertyValue: happening.value };
    case 'associationChange':
      return {
        ...base,
        objectId: undefined,
        associationType: `${def.singular}_TO_${happening.to.type}`.toUpperCase(),
        fromObjectId: Number(happening.id),
        toObjectId: Number(happening.to.id),
        associationRemoved: happening.removed,
      };
    case 'merge':
      return {
        ...base,
        objectId: Number(happening.primary),
        primaryObjectId: Number(happening.primary),
        mergedObjectIds: happening.merged.map(Number),
        newObjectId: Number(happening.newId),
        numberOfPropertiesMoved: 0,
      };
  }
}

/** HubSpot signs the address with these characters decoded. */
const signedForm = (url: string) =>
  url.replace(/%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (code) => decodeURIComponent(code));

async function sign(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  return btoa(String.fromCharCode(...bytes));
}
