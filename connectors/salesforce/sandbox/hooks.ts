/** A record-triggered Flow's HTTP callout, signed as connectors/salesforce/hook.ts expects it. */
import { signHook } from '../hook.ts';

export interface HookTarget {
  url: string;
  secret: string;
  fetch?: typeof fetch;
}

export function hookSender(target: HookTarget | undefined, now: () => Date) {
  let sent: Promise<unknown>[] = [];
  const send = async (object: string, ids: string[]) => {
    if (target === undefined) return;
    const body = JSON.stringify({ object, ids });
    const headers = await signHook(target.secret, body, now());
    const response = await (target.fetch ?? fetch)(target.url, { method: 'POST', body, headers });
    if (!response.ok) throw new Error(`the hook's receiver answered ${response.status}`);
  };
  return {
    tell(object: string, ids: string[]): void {
      const delivery = send(object, ids);
      // Reported by `delivered`; without this an unread failure would end the process.
      delivery.catch(() => undefined);
      sent.push(delivery);
    },
    async delivered(): Promise<void> {
      const due = sent;
      sent = [];
      await Promise.all(due);
    },
  };
}
