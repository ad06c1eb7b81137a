/**
 * One conversation over CometD (Bayeux, long polling). Written here because jsforce's client keeps the token it was
 * made with, and stays connected to nothing when a replay id has expired.
 */
import { z } from 'zod';
import { type CallInit, ConnectorError, type Context } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { type Token, tokenOf } from './session.ts';

/** What Salesforce waits before it answers a poll, unless its advice says otherwise. */
const POLL_MS = 110_000;
/** An answer this much later than promised does not come any more. */
const MARGIN_MS = 15_000;

const Message = z.object({
  channel: z.string(),
  successful: z.boolean().optional(),
  clientId: z.string().optional(),
  subscription: z.string().optional(),
  error: z.string().optional(),
  advice: z
    .object({
      reconnect: z.enum(['retry', 'handshake', 'none']).optional(),
      interval: z.number().nonnegative().optional(),
      timeout: z.number().nonnegative().optional(),
    })
    .optional(),
  ext: z.object({ sfdc: z.object({ failureReason: z.string().optional() }).optional() }).optional(),
  data: z.unknown().optional(),
});
export type Message = z.infer<typeof Message>;

export interface Session {
  clientId: string;
  /** Of whoever was asked last; refused tokens are replaced. */
  token: Token;
  cookies: Map<string, string>;
  advice: NonNullable<Message['advice']>;
}

/** The token was refused: the conversation begins again with a fresh one. */
export const refusesToken = ({ error, ext }: Message) =>
  `${error ?? ''} ${ext?.sfdc?.failureReason ?? ''}`.includes('401::');

/** A new client of the server. `refused`: a token that is worth nothing any more. Throws ConnectorError. */
export async function handshake(ctx: Context<SalesforceConfig>, refused?: string): Promise<Session> {
  const session: Session = {
    clientId: '',
    token: await tokenOf(ctx, refused),
    cookies: new Map(),
    advice: {},
  };
  const messages = await post(ctx, session, {
    channel: '/meta/handshake',
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling'],
    ext: { replay: true },
  });
  const answer = answerOn(messages, '/meta/handshake');
  if (answer.successful === true && answer.clientId !== undefined)
    return { ...session, clientId: answer.clientId };
  if (refusesToken(answer) && refused === undefined) return handshake(ctx, session.token.accessToken);
  throw failure(answer, 'the conversation');
}

/** Answers with the server's word on this channel, and every other message that came with it. */
export async function subscribeTo(
  ctx: Context<SalesforceConfig>,
  session: Session,
  channel: string,
  replayId: number,
): Promise<{ answer: Message; messages: Message[] }> {
  const messages = await post(ctx, session, {
    channel: '/meta/subscribe',
    clientId: session.clientId,
    subscription: channel,
    ext: { replay: { [channel]: replayId } },
  });
  return { answer: answerOn(messages, '/meta/subscribe'), messages };
}

/** Waits for events, as long as the server promised to wait. An answer that is later than that is a dead connection. */
export async function poll(
  ctx: Context<SalesforceConfig>,
  session: Session,
): Promise<{ answer: Message; messages: Message[] }> {
  const deadline = (session.advice.timeout ?? POLL_MS) + MARGIN_MS;
  const body = { channel: '/meta/connect', clientId: session.clientId, connectionType: 'long-polling' };
  const messages = await post(ctx, session, body, deadline);
  return { answer: answerOn(messages, '/meta/connect'), messages };
}

async function post(
  ctx: Context<SalesforceConfig>,
  session: Session,
  message: object,
  deadline?: number,
): Promise<Message[]> {
  const { token, cookies } = session;
  const init: CallInit = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token.accessToken}`,
      ...(cookies.size > 0
        ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
        : {}),
    },
    body: JSON.stringify([message]),
    signal: ctx.signal,
    ...(deadline === undefined ? {} : { deadline }),
  };
  const response = await ctx.fetch(`${token.instanceUrl}/cometd/${ctx.config.apiVersion}`, init);
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
    if (name !== undefined && value !== undefined) cookies.set(name, value);
  }
  const text = await response.text();
  const messages = readMessages(text);
  if (messages === undefined) throw httpFailure(response.status);
  for (const { advice } of messages) Object.assign(session.advice, advice);
  return messages;
}

function readMessages(text: string): Message[] | undefined {
  try {
    const parsed = z.array(Message).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function answerOn(messages: readonly Message[], channel: string): Message {
  const answer = messages.find((message) => message.channel === channel);
  if (answer === undefined)
    throw new ConnectorError('transient', `Salesforce’s streaming answered without a word on ${channel}`);
  return answer;
}

function httpFailure(status: number): ConnectorError {
  if (status === 401 || status === 403)
    return new ConnectorError('auth', `Salesforce refused streaming (${status})`, {
      status,
      hint: 'Give the hub’s user API access, and View All on the objects whose changes it follows.',
    });
  return new ConnectorError('transient', `Salesforce’s streaming answered ${status} and no messages`, {
    status,
  });
}

/** The server's refusal, in its own words: they name limits and channels, never records. */
export function failure({ error, ext }: Message, what: string): ConnectorError {
  const said = ext?.sfdc?.failureReason ?? error ?? 'no reason given';
  const message = `Salesforce refused ${what}: ${said.slice(0, 200)}`;
  if (/401::|denied_by_security_policy|403::Handshake denied/.test(said))
    return new ConnectorError('auth', message, {
      hint: 'Give the hub’s user API access, and View All on the objects whose changes it follows.',
    });
  if (/limit exceeded/i.test(said))
    return new ConnectorError('quota', message, { hint: 'Fewer streaming clients, or a larger allowance.' });
  if (/^5\d\d::/.test(said)) return new ConnectorError('transient', message);
  return new ConnectorError('rejected', message, {
    hint: 'Select the object under Setup › Change Data Capture, and check that the hub’s user may see it.',
  });
}
