/**
 * HubSpot's API classes, built over our own HTTP path. The client's facade cannot be given one, and its limiter
 * and retries are shared by the whole process, so the classes are built one by one. Which version of each API is
 * called is decided here and nowhere else.
 */
import * as links from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js';
import * as contacts from '@hubspot/api-client/lib/codegen/crm/contacts/index.js';
import * as objects from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import * as owners from '@hubspot/api-client/lib/codegen/crm/owners/index.js';
import * as properties from '@hubspot/api-client/lib/codegen/crm/properties/index.js';
import * as schemas from '@hubspot/api-client/lib/codegen/crm/schemas/index.js';
import type { Context } from '../contract.ts';
import type { HubspotConfig } from './config.ts';
import { exchange, type OutgoingRequest } from './http.ts';
import { accessToken, forgetToken } from './token.ts';

export interface Api {
  objects: objects.BasicApi;
  batch: objects.BatchApi;
  contacts: contacts.BasicApi;
  search: objects.SearchApi;
  links: links.BatchApi;
  properties: properties.CoreApi;
  schemas: schemas.CoreApi;
  owners: owners.OwnersApi;
}

export function apiOf(ctx: Context<HubspotConfig>): Api {
  const send = (request: OutgoingRequest) => authorized(ctx, request);
  const { baseUrl } = ctx.config;
  const objectsVia = objects.createConfiguration({
    baseServer: new objects.ServerConfiguration(baseUrl, {}),
    httpApi: objects.wrapHttpLibrary({ send }),
  });
  return {
    objects: new objects.BasicApi(objectsVia),
    batch: new objects.BatchApi(objectsVia),
    search: new objects.SearchApi(objectsVia),
    contacts: new contacts.BasicApi(
      contacts.createConfiguration({
        baseServer: new contacts.ServerConfiguration(baseUrl, {}),
        httpApi: contacts.wrapHttpLibrary({ send }),
      }),
    ),
    links: new links.BatchApi(
      links.createConfiguration({
        baseServer: new links.ServerConfiguration(baseUrl, {}),
        httpApi: links.wrapHttpLibrary({ send }),
      }),
    ),
    properties: new properties.CoreApi(
      properties.createConfiguration({
        baseServer: new properties.ServerConfiguration(baseUrl, {}),
        httpApi: properties.wrapHttpLibrary({ send }),
      }),
    ),
    schemas: new schemas.CoreApi(
      schemas.createConfiguration({
        baseServer: new schemas.ServerConfiguration(baseUrl, {}),
        httpApi: schemas.wrapHttpLibrary({ send }),
      }),
    ),
    owners: new owners.OwnersApi(
      owners.createConfiguration({
        baseServer: new owners.ServerConfiguration(baseUrl, {}),
        httpApi: owners.wrapHttpLibrary({ send }),
      }),
    ),
  };
}

/** A token may end before its time: a 401 gets one more try with a new one (nothing was carried out). */
async function authorized(ctx: Context<HubspotConfig>, request: OutgoingRequest) {
  const bearer = async () => ({ Authorization: `Bearer ${await accessToken(ctx)}` });
  const answer = await exchange(ctx, request, await bearer());
  if (answer.httpStatusCode !== 401 || !forgetToken(ctx.config)) return answer;
  return await exchange(ctx, request, await bearer());
}

/** GET of a path that the client has no class for. Throws as the client does. */
export const getJson = (ctx: Context<HubspotConfig>, path: string): Promise<unknown> => askJson(ctx, path);

/** POST of a body to a path that the client has no class for, where that only reads. */
export const postJson = (ctx: Context<HubspotConfig>, path: string, body: object): Promise<unknown> =>
  askJson(ctx, path, JSON.stringify(body));

async function askJson(ctx: Context<HubspotConfig>, path: string, body?: string): Promise<unknown> {
  const answer = await authorized(ctx, {
    getUrl: () => `${ctx.config.baseUrl}${path}`,
    getHttpMethod: () => (body === undefined ? 'GET' : 'POST'),
    getHeaders: (): Record<string, string> =>
      body === undefined ? {} : { 'Content-Type': 'application/json' },
    getBody: () => body,
  });
  const { httpStatusCode: code, headers } = answer;
  const text = await answer.body.text();
  if (code < 200 || code > 299)
    throw new objects.ApiException(code, 'refused', code === 429 ? JSON.parse(text) : text, headers);
  return JSON.parse(text);
}

/** The calls that only read although they are POSTs; in any version of the paths. */
export function readOnly(method: string, url: URL): boolean {
  return (
    method === 'POST' &&
    /(\/search|\/batch\/read|^\/oauth\/v\d+\/token|\/access-token-info)$/.test(url.pathname)
  );
}
