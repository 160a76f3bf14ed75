/** Whose a tunnel connection is that comes through a trusted proxy. */
import { readForwarding } from "../http/forwarding.ts";
import type { AcceptedConnection } from "../net/listen/accepted_connection.ts";
import type { TrustedProxies } from "../net/listen/trusted_proxies.ts";
import type { Upgrade } from "./upgrade.ts";

/**
 * Gives a connection the address that a trusted proxy says in the Upgrade: it is
 * the connection of one client.
 *
 * @returns Whether it may go on; else it got an error, or was refused.
 */
export async function takeClientAddress(
  conn: AcceptedConnection,
  { fields, refuse }: Pick<Upgrade, "fields" | "refuse">,
  trusted: TrustedProxies | undefined,
): Promise<boolean> {
  if (trusted === undefined) return true;
  if (trusted.endTls === true && !conn.isProxied) {
    await refuse(403, "this port speaks without TLS to trusted proxies only");
    return false;
  }
  const said = readForwarding(fields, conn.address, trusted);
  if (said?.scheme === "http") {
    await refuse(403, "the connection came to the proxy without TLS");
    return false;
  }
  // A PROXY header has said it, with the port.
  const isKnown = !conn.isOfProxy && said?.client === conn.address;
  if (said === undefined || isKnown) return true;
  return conn.speakFor({ hostname: said.client, port: 0 });
}
