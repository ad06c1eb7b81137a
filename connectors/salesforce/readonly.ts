/**
 * POSTs that only read, and may be sent again: retrieving a collection by ids, asking for a token, opening a
 * query job. PATCH on composite/sobjects/Contact/Key__c is an upsert, and POST on composite/sobjects a create.
 */
export function readOnly(method: string, url: URL): boolean {
  if (method !== 'POST') return false;
  return /\/services\/oauth2\/token$|\/composite\/sobjects\/\w+$|\/jobs\/query$/.test(url.pathname);
}
