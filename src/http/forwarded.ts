/**
 * What a proxy says about itself in the requests it passes on: `Via` (RFC 9110
 * §7.6.3) and the `X-Forwarded-*` fields that sites know.
 */
import type { PlainRequest, ProxyRequest, UpgradeRequest } from "./exchange.ts";
import type { Fields } from "./fields.ts";

/** Requests whose fields are the proxy's business; those of a CONNECT are not. */
export type ForwardedRequest = PlainRequest | UpgradeRequest;

/** A name for a proxy that no other has: `sallyport-` and 20 hex digits. */
export function viaTag(): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  return `sallyport-${random.toHex()}`;
}

/** Whether the request has been here already: a `Via` line names `tag`. */
export function hasPassed(
  { fields }: Pick<ProxyRequest, "fields">,
  tag: string,
): boolean {
  return fields.getList("via")?.includes(tag) ?? false;
}

/**
 * Adds to the request's fields `Via`, the client to `X-Forwarded-For`, and those
 * of `X-Forwarded-Proto`, `-Host` and `-Url` that are not there yet.
 *
 * @param client IP address of the client.
 */
export function addForwarded(
  { fields, scheme, authority, path }: ForwardedRequest,
  { client, tag }: { readonly client: string; readonly tag: string },
): void {
  const url = `${scheme}://${authority}${path === "*" ? "" : path}`;
  addTo(fields, "X-Forwarded-For", client);
  addNew(fields, "X-Forwarded-Proto", scheme);
  addNew(fields, "X-Forwarded-Host", authority);
  addNew(fields, "X-Forwarded-Url", url);
  appendVia({ fields }, tag);
}

/** Adds `tag` to the request's `Via`. */
export function appendVia(
  { fields }: Pick<ProxyRequest, "fields">,
  tag: string,
): void {
  addTo(fields, "Via", `1.1 ${tag}`);
}

/** Adds a member at the end of a list field. */
function addTo(fields: Fields, name: string, member: string): void {
  const list = fields.getList(name);
  if (list === undefined) return fields.append(name, member);
  fields.set(name, `${list}, ${member}`);
}

function addNew(fields: Fields, name: string, value: string): void {
  if (!fields.has(name)) fields.append(name, value);
}
