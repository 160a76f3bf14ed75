/** A live tunnel in the server's database. */
import { z } from "zod";
import { domainRulesShape } from "../api/resources/domain_rules.ts";
import type { Infer } from "../api/resources/immutable.ts";
import { tunnelMetadata } from "../api/resources/tunnel_resource.ts";

/** What its owner requested. */
const storedSpec = z.object({
  /** The user's name. */
  owner: z.string(),
  name: z.string(),
  /** Whether other tunnels of that name may live beside it. */
  pool: z.boolean(),
  shared: z.enum(["all", ""]),
  metadata: tunnelMetadata,
  rules: z.object(domainRulesShape),
  // Rows of earlier versions lack the following fields.
  /** Whether it wants a port where browsers need no credentials. */
  wantsPort: z.boolean().default(false),
  /** The id of the access key that started it; the tunnel ends with the key. */
  keyId: z.string().optional(),
});
export type StoredSpec = Infer<typeof storedSpec>;

/** One row, whose `spec` is JSON. Hashes are SHA-256, times are milliseconds since 1970. */
export const storedTunnel = z.object({
  id: z.string(),
  spec: z.string().transform(parsed).pipe(storedSpec),
  token_hash: z.instanceof(Uint8Array),
  password_hash: z.instanceof(Uint8Array),
  created_at: z.number(),
  launched_at: z.number().nullable(),
});

/** The value of JSON text, or `undefined` if it is malformed. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
