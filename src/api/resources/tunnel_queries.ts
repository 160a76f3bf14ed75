/** The query parameters of the REST API. All queries are strict. */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import type { Infer } from "./immutable.ts";

/** Most tunnels of one `all_tunnels` reply, also without `limit`: as many as the server keeps. */
export const MAX_LIMIT = 1000;

/** Longest wait for running jobs when a tunnel stops, in seconds: that of Sauce Connect's clients. */
export const MAX_DRAIN_TIMEOUT = 3 * 60 * 60;

const MAX_TEXT_LENGTH = 1024;
/** A client's whole configuration as base64: a request line of 32 KiB has 2 KiB left for the rest. */
const MAX_CONFIGURATION_LENGTH = 30 * 1024;
/** Protocols, `h2c,kgp`: all but the first exist only at Sauce Labs. */
const PROTOCOLS = /^(?:h2c|kgp|ipsec)(?:,(?:h2c|kgp|ipsec))*$/;
/** `name=value,...` */
const PAIRS = /^[^=,]+=[^,]*(?:,[^=,]+=[^,]*)*$/;

const flag = z.enum(["0", "1", "false", "true"], 'expected "0" or "1"')
  .transform((value) => value === "1" || value === "true");
const text = z.string().max(MAX_TEXT_LENGTH);

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

/** The query of `GET /{user}/tunnels`. */
export const listQuery = z.strictObject({
  full: z.exactOptional(flag.describe("States instead of ids.")),
  all: z.exactOptional(flag.describe("Grouped by owner.")),
  filter: z.exactOptional(
    z.enum(["one_per_pool", "v2alpha"]).describe(
      "`one_per_pool`: one tunnel of each owner and name. `v2alpha`: a kind " +
        "that exists only at Sauce Labs, so none.",
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
    "Only tunnels with all of this metadata: `build=7,runner=jenkins`.",
  )),
});
export type ListQuery = Infer<typeof listQuery>;

const drainShape = {
  reason: z.exactOptional(
    text.min(1).describe(
      "Why, for people: `sigterm`, `webui` …; `api` by default.",
    ),
  ),
  wait: z.exactOptional(
    flag.describe("Whether running jobs may finish; true by default."),
  ),
  drain_timeout: z.exactOptional(
    numeric(z.int().min(1).max(MAX_DRAIN_TIMEOUT)).describe(
      "Most seconds that running jobs may take; then they are cut off.",
    ),
  ),
};

const drainOptions = {
  reason: z.exactOptional(text.min(1)),
  wait: z.exactOptional(z.boolean()),
  drain_timeout: z.exactOptional(z.int().min(1).max(MAX_DRAIN_TIMEOUT)),
};

/** Parameters in a JSON body, with the types of JSON. */
export type RequestOptions = Readonly<
  Record<string, string | number | boolean | undefined>
>;

/** The same in a JSON body: node-saucelabs sends the parameters of a DELETE there. */
export const stopOptions = z.strictObject({
  ...drainOptions,
  wait_for_jobs: z.exactOptional(z.boolean()),
}).meta({ id: "StopOptions" });

/** The same for all tunnels with certain metadata. */
export const stopManyOptions = z.strictObject({
  metadata: z.exactOptional(
    text.regex(PAIRS, "expected name=value,...").meta({
      examples: ["build=7"],
    }),
  ),
  ...drainOptions,
}).meta({ id: "StopManyOptions" });

const NO_DRAIN = {
  path: ["drain_timeout"],
  message: "says how long to wait, and wait says not to",
};

/** The query of `DELETE /{user}/tunnels/{id}`. */
export const stopQuery = z.strictObject({
  ...drainShape,
  wait_for_jobs: z.exactOptional(
    flag.describe("The same as `wait`, under its other name."),
  ),
}).refine(
  ({ wait, wait_for_jobs }) =>
    wait === undefined || wait_for_jobs === undefined || wait === wait_for_jobs,
  { path: ["wait_for_jobs"], message: "contradicts wait, give one of them" },
).refine(
  ({ wait_for_jobs, ...query }) =>
    isDrain({ ...query, wait: query.wait ?? wait_for_jobs }),
  NO_DRAIN,
);

/** The query of `DELETE /{user}/tunnels`. */
export const stopManyQuery = z.strictObject({
  metadata: pairs.describe(
    "Stops the tunnels with all of this metadata: `build=7,runner=jenkins`.",
  ),
  ...drainShape,
}).refine(isDrain, NO_DRAIN);

/** The query of `GET /{user}/all_tunnels`. */
export const allTunnelsQuery = z.strictObject({
  limit: z.exactOptional(
    numeric(z.int().min(1).max(MAX_LIMIT)).describe(
      "Most tunnels in the response.",
    ),
  ),
});

const clientHost = z.exactOptional(text.describe("The client's platform."));
const clientVersion = z.exactOptional(text.describe("The client's version."));

/** The query of `GET /{user}/tunnels/info/updates`. */
export const updatesQuery = z.strictObject({
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

/** The query of `GET /public/tunnels/info/versions`. */
export const versionsQuery = z.strictObject({
  client_host: clientHost,
  client_version: clientVersion,
  all: z.exactOptional(
    flag.describe("All versions; a self-hosted server has one."),
  ),
});
export type VersionsQuery = Infer<typeof versionsQuery>;

/** The query of `GET /public/tunnels/sauce-connect/download`. */
export const downloadQuery = z.strictObject({
  os: z.exactOptional(text.describe("`linux`, `macos`, `windows`.")),
  arch: z.exactOptional(text.describe("`x86_64`, `arm64`.")),
  version: z.exactOptional(text.describe("`5`, `5.2`, `5.2.2`.")),
});

/** A timeout needs a wait. */
function isDrain(
  { wait, drain_timeout }: {
    readonly wait?: boolean | undefined;
    readonly drain_timeout?: number;
  },
): boolean {
  return wait !== false || drain_timeout === undefined;
}

/** A number in a query, where every value is text. */
export function numeric(schema: z.ZodType<number>): z.ZodType<number> {
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^\d{1,12}$/.test(value)
        ? Number(value)
        : value,
    schema,
  );
}
