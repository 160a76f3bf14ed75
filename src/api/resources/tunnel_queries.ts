/**
 * The query parameters of the REST API.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";

/** Most tunnels of one `all_tunnels` reply, and how many without `limit`: as many as the server keeps. */
export const MAX_LIMIT = 1000;

/** Longest that a tunnel which is stopped waits for running jobs, in seconds: what Sauce Connect's clients wait. */
export const MAX_DRAIN_TIMEOUT: number = 3 * 60 * 60;

const MAX_TEXT_LENGTH = 1024;
/** A client's whole configuration as base64; request lines are bounded before it. */
const MAX_CONFIGURATION_LENGTH = 32_768;
/** Some protocols, `h2c,kgp`: all but the first are those of Sauce Labs alone. */
const PROTOCOLS = /^(?:h2c|kgp|ipsec)(?:,(?:h2c|kgp|ipsec))*$/;
/** `name=value,...` */
const PAIRS = /^[^=,]+=[^,]*(?:,[^=,]+=[^,]*)*$/;

const flag = z.enum(["0", "1", "false", "true"], 'expected "0" or "1"')
  .transform((value) => value === "1" || value === "true");
const text = z.string().max(MAX_TEXT_LENGTH);
const reason = text.min(1).describe(
  "Why, for people: `sigterm`, `webui` … `api` unless given.",
);
const wait = flag.describe(
  "Whether running jobs may finish; they may unless told otherwise.",
);

/** `name=value,...` as an object. */
const pairs = text.regex(PAIRS, "expected name=value,...").meta({
  examples: ["build=7"],
}).transform((value): Readonly<Record<string, string>> =>
  Object.fromEntries(
    value.split(",").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  )
);

const drainTimeout = z.preprocess(
  numberOf,
  z.int().min(1).max(MAX_DRAIN_TIMEOUT),
).describe(
  "For how many seconds running jobs may go on; then they are cut off.",
);

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
  /** `name=value,...`: what the metadata of the tunnels must say, all of it. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Reads a {@linkcode ListQuery}; strict. */
export const listQuery: z.ZodType<ListQuery> = z.strictObject({
  full: z.exactOptional(flag.describe("States instead of ids.")),
  all: z.exactOptional(flag.describe("Grouped by owner.")),
  filter: z.exactOptional(
    z.enum(["one_per_pool", "v2alpha"]).describe(
      "`one_per_pool`: one tunnel of each owner and name. `v2alpha`: a kind " +
        "that only Sauce Labs has, so none.",
    ),
  ),
  protocol: z.exactOptional(
    text.regex(PROTOCOLS, "expected some of h2c,kgp,ipsec").transform((value) =>
      value.split(",")
    ).describe(
      "Only tunnels of these protocols, `h2c,kgp`; all of this server are `h2c`.",
    ),
  ),
  metadata: z.exactOptional(pairs.describe(
    "Only tunnels whose metadata says all of this: `build=7,runner=jenkins`.",
  )),
});

const NO_DRAIN = {
  path: ["drain_timeout"],
  message: "says how long to wait, and wait says not to",
};

/** What stopping may be told. */
export interface DrainQuery {
  /** For people: `sigterm`, `webui` … */
  readonly reason?: string;
  /** Whether running jobs may finish; they may unless told otherwise. */
  readonly wait?: boolean;
  /** For how long at most, in seconds. */
  readonly drain_timeout?: number;
}

/** What `DELETE /{user}/tunnels/{id}` may be told. */
export interface StopQuery extends DrainQuery {
  /** The same under its other name. */
  readonly wait_for_jobs?: boolean;
}

/** Reads a {@linkcode StopQuery}; strict. */
export const stopQuery: z.ZodType<StopQuery> = z.strictObject({
  reason: z.exactOptional(reason),
  wait: z.exactOptional(wait),
  wait_for_jobs: z.exactOptional(
    flag.describe("The same as `wait`, by its other name."),
  ),
  drain_timeout: z.exactOptional(drainTimeout),
}).refine(
  ({ wait, wait_for_jobs }) =>
    wait === undefined || wait_for_jobs === undefined || wait === wait_for_jobs,
  { path: ["wait_for_jobs"], message: "contradicts wait, give one of them" },
).refine(
  ({ wait_for_jobs, ...query }) =>
    isDrain({ ...query, wait: query.wait ?? wait_for_jobs }),
  NO_DRAIN,
);

/** What `DELETE /{user}/tunnels` must and may be told. */
export interface StopManyQuery extends DrainQuery {
  /** `name=value,...`: what the metadata of the tunnels to stop must say, all of it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads a {@linkcode StopManyQuery}; strict. */
export const stopManyQuery: z.ZodType<StopManyQuery> = z.strictObject({
  metadata: pairs.describe(
    "What the metadata of the tunnels to stop must say, all of it: `build=7,runner=jenkins`.",
  ),
  reason: z.exactOptional(reason),
  wait: z.exactOptional(wait),
  drain_timeout: z.exactOptional(drainTimeout),
}).refine(isDrain, NO_DRAIN);

/** What `GET /{user}/all_tunnels` may be asked. */
export interface AllTunnelsQuery {
  readonly limit?: number;
}

/** Reads an {@linkcode AllTunnelsQuery}; strict. */
export const allTunnelsQuery: z.ZodType<AllTunnelsQuery> = z.strictObject({
  limit: z.exactOptional(
    z.preprocess(numberOf, z.int().min(1).max(MAX_LIMIT)).describe(
      "How many at the most.",
    ),
  ),
});

const clientHost = z.exactOptional(text.describe("The client's platform."));
const clientVersion = z.exactOptional(text.describe("The client's version."));

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
  client_host: clientHost,
  client_version: clientVersion,
  configuration: z.exactOptional(
    z.string().max(MAX_CONFIGURATION_LENGTH).describe(
      "The client's changed options as base64 of JSON, secrets masked.",
    ),
  ),
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
  client_host: clientHost,
  client_version: clientVersion,
  all: z.exactOptional(
    flag.describe("All versions; a self-hosted server has one."),
  ),
});

/** What `GET /public/tunnels/sauce-connect/download` may be asked. */
export interface DownloadQuery {
  readonly os?: string;
  readonly arch?: string;
  readonly version?: string;
}

/** Reads a {@linkcode DownloadQuery}; strict. */
export const downloadQuery: z.ZodType<DownloadQuery> = z.strictObject({
  os: z.exactOptional(text.describe("`linux`, `macos`, `windows`.")),
  arch: z.exactOptional(text.describe("`x86_64`, `arm64`.")),
  version: z.exactOptional(text.describe("`5`, `5.2`, `5.2.2`.")),
});

/** Only who waits can wait for so long. */
function isDrain(
  { wait, drain_timeout }: {
    readonly wait?: boolean | undefined;
    readonly drain_timeout?: number;
  },
): boolean {
  return wait !== false || drain_timeout === undefined;
}

/** What a parameter says when it is a number; itself when not. */
function numberOf(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,9}$/.test(value)
    ? Number(value)
    : value;
}
