/**
 * A live tunnel as the server's database keeps it.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the columns of the database
import { z } from "zod";
import {
  type DomainRules,
  domainRulesShape,
} from "../../api/resources/domain_rules.ts";
import {
  type Sharing,
  type TunnelMetadata,
  tunnelMetadata,
} from "../../api/resources/tunnel_resource.ts";

/** What its owner has asked for. */
export interface StoredSpec {
  /** The user's name. */
  readonly owner: string;
  readonly name: string;
  /** Whether others of that name may live beside it. */
  readonly pool: boolean;
  readonly shared: Sharing;
  readonly metadata: TunnelMetadata;
  readonly rules: DomainRules;
  /** Whether it wants a port where browsers need no credentials. */
  readonly wantsPort: boolean;
  /** The id of the access key that it was started with; it ends with the key. */
  readonly keyId?: string | undefined;
}

/** One row. */
export interface StoredTunnel {
  readonly id: string;
  readonly spec: StoredSpec;
  /** SHA-256, as the next. */
  readonly token_hash: Uint8Array;
  readonly password_hash: Uint8Array;
  /** Milliseconds since 1970, as the next. */
  readonly created_at: number;
  readonly launched_at: number | null;
}

const storedSpec = z.object({
  owner: z.string(),
  name: z.string(),
  pool: z.boolean(),
  shared: z.enum(["all", ""]),
  metadata: tunnelMetadata,
  rules: z.object(domainRulesShape),
  // Rows of earlier versions do not have these.
  wantsPort: z.boolean().default(false),
  keyId: z.string().optional(),
});

/** Reads a row, whose `spec` is JSON. */
export const storedTunnel: z.ZodType<StoredTunnel> = z.object({
  id: z.string(),
  spec: z.string().transform(parsed).pipe(storedSpec),
  token_hash: z.instanceof(Uint8Array),
  password_hash: z.instanceof(Uint8Array),
  created_at: z.number(),
  launched_at: z.number().nullable(),
});

/** What JSON says; `undefined` if it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
