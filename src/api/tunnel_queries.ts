/**
 * The query parameters of the REST API.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";

/** Most tunnels of one `all_tunnels` reply, and how many without `limit`: as many as the server keeps. */
export const MAX_LIMIT = 1000;

const MAX_TEXT_LENGTH = 1024;
/** A client's whole configuration as base64; request lines are bounded before it. */
const MAX_CONFIGURATION_LENGTH = 32_768;
const PROTOCOLS: readonly string[] = ["kgp", "h2c", "ipsec"];

const flag = z.enum(["0", "1", "false", "true"], 'expected "0" or "1"')
  .transform((value) => value === "1" || value === "true");
const text = z.string().max(MAX_TEXT_LENGTH);

/** What `GET /{user}/tunnels` may be asked. */
export interface ListQuery {
  /** States instead of ids. */
  readonly full?: boolean;
  /** Grouped by owner. */
  readonly all?: boolean;
  /** `one_per_pool`: one of each name; `v2alpha`: a kind of tunnel that only Sauce Labs has. */
  readonly filter?: "one_per_pool" | "v2alpha";
  /** Only these protocols; ours is `h2c`. */
  readonly protocol?: readonly string[];
}

/** Reads a {@linkcode ListQuery}; strict. */
export const listQuery: z.ZodType<ListQuery> = z.strictObject({
  full: z.exactOptional(flag),
  all: z.exactOptional(flag),
  filter: z.exactOptional(z.enum(["one_per_pool", "v2alpha"])),
  protocol: z.exactOptional(
    text.transform((value) => value.split(",")).refine(
      (values) => values.every((value) => PROTOCOLS.includes(value)),
      `expected some of ${PROTOCOLS.join(",")}`,
    ),
  ),
});

/** What `DELETE /{user}/tunnels/{id}` may be told. */
export interface StopQuery {
  /** For people: `sigterm`, `webui` … */
  readonly reason?: string;
  /** Whether running jobs may finish; they may unless told otherwise. */
  readonly wait?: boolean;
  /** The same under its other name. */
  readonly wait_for_jobs?: boolean;
}

/** Reads a {@linkcode StopQuery}; strict. */
export const stopQuery: z.ZodType<StopQuery> = z.strictObject({
  reason: z.exactOptional(text.min(1)),
  wait: z.exactOptional(flag),
  wait_for_jobs: z.exactOptional(flag),
}).refine(
  ({ wait, wait_for_jobs }) =>
    wait === undefined || wait_for_jobs === undefined || wait === wait_for_jobs,
  { path: ["wait_for_jobs"], message: "contradicts wait, give one of them" },
);

/** What `DELETE /{user}/tunnels` must and may be told. */
export interface StopManyQuery extends StopQuery {
  /** `name=value,...`: what the metadata of the tunnels to stop must say, all of it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads a {@linkcode StopManyQuery}; strict. */
export const stopManyQuery: z.ZodType<StopManyQuery> = z.strictObject({
  metadata: text.transform((value) =>
    value.split(",").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, Math.max(at, 0)), pair.slice(at + 1)];
    })
  ).refine(
    (pairs) => pairs.every(([name]) => name !== ""),
    "expected name=value,...",
  ).transform((pairs) => Object.fromEntries(pairs)),
  reason: z.exactOptional(text.min(1)),
  wait: z.exactOptional(flag),
});

/** What `GET /{user}/all_tunnels` may be asked. */
export interface AllTunnelsQuery {
  readonly limit?: number;
}

/** Reads an {@linkcode AllTunnelsQuery}; strict. */
export const allTunnelsQuery: z.ZodType<AllTunnelsQuery> = z.strictObject({
  limit: z.exactOptional(
    z.string().regex(/^\d{1,9}$/, `expected a number from 1 to ${MAX_LIMIT}`)
      .transform(Number).pipe(z.number().min(1).max(MAX_LIMIT)),
  ),
});

/** What `GET /{user}/tunnels/info/updates` is told about the client. */
export interface UpdatesQuery {
  /** The client's platform. */
  readonly client_host?: string;
  readonly client_version?: string;
  /** The client's changed options as base64 of JSON, secrets masked. */
  readonly configuration?: string;
  readonly region?: string;
  readonly tunnel_name?: string;
  readonly tunnel_pool?: boolean;
}

/** Reads an {@linkcode UpdatesQuery}; strict. */
export const updatesQuery: z.ZodType<UpdatesQuery> = z.strictObject({
  client_host: z.exactOptional(text),
  client_version: z.exactOptional(text),
  configuration: z.exactOptional(z.string().max(MAX_CONFIGURATION_LENGTH)),
  region: z.exactOptional(text),
  tunnel_name: z.exactOptional(text),
  tunnel_pool: z.exactOptional(flag),
});

/** What `GET /public/tunnels/info/versions` may be asked. */
export interface VersionsQuery {
  readonly client_host?: string;
  readonly client_version?: string;
  /** All versions; a self-hosted server has one. */
  readonly all?: boolean;
}

/** Reads a {@linkcode VersionsQuery}; strict. */
export const versionsQuery: z.ZodType<VersionsQuery> = z.strictObject({
  client_host: z.exactOptional(text),
  client_version: z.exactOptional(text),
  all: z.exactOptional(flag),
});
