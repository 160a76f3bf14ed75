/**
 * The tunnel in the REST API, shared by the server and its clients. Names and
 * shapes are those of Sauce Connect 5; Sallyport's own client needs a few more.
 *
 * Requests are strict: a misspelt field is an error, and is not ignored.
 * Replies are read leniently, so that an older client understands a newer server.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import { domainRulesShape } from "./domain_rules.ts";
import type { Infer } from "./immutable.ts";

/**
 * Longest tunnel name in characters. Sauce Connect has no limit; this one keeps
 * `<user>+<tunnel name>` within the limits of every proxy's credentials.
 */
export const MAX_NAME_LENGTH = 255;
/** Longest short text (host name, platform, reason …) in characters. */
export const MAX_TEXT_LENGTH = 1024;
/** Longest `command_args` in characters: a client's whole configuration as JSON. */
export const MAX_ARGS_LENGTH = 16_384;
/** Most entries of `metadata.extra`. */
export const MAX_EXTRA_ENTRIES = 64;

// Visible ASCII with inner blanks. A colon would end the user name of Basic
// credentials (RFC 7617 §2), which contains the tunnel name.
const TUNNEL_NAME = /^[!-9;-~](?:[ -9;-~]*[!-9;-~])?$/;

/** The id of a tunnel as a pattern. */
export const TUNNEL_ID = "[0-9a-f]{32}";

const text = z.string().max(MAX_TEXT_LENGTH);
const texts = z.array(z.string());
const count = z.int().nonnegative();
const port = z.int().min(1).max(65_535);
const reportedCount = z.number().nonnegative();

const metadataShape = {
  build: z.exactOptional(text),
  command: z.exactOptional(text),
  command_args: z.exactOptional(
    z.string().max(MAX_ARGS_LENGTH).describe(
      "The client's changed options as JSON, secrets masked.",
    ),
  ),
  external_proxy: z.exactOptional(text),
  extra: z.exactOptional(
    z.record(text, text).refine(
      (extra) => Object.keys(extra).length <= MAX_EXTRA_ENTRIES,
      `has more than ${MAX_EXTRA_ENTRIES} entries`,
    ).meta({
      maxProperties: MAX_EXTRA_ENTRIES,
      description: "What the user gave with `--metadata`.",
    }),
  ),
  git_version: z.exactOptional(text),
  hostname: z.exactOptional(text),
  host_cpu: z.exactOptional(text),
  host_memory: z.exactOptional(reportedCount.describe("Bytes.")),
  nofile_limit: z.exactOptional(reportedCount),
  platform: z.exactOptional(text),
  release: z.exactOptional(text.describe("The client's version.")),
};

/** What a client says about itself when it creates a tunnel, for people to read. */
export const tunnelMetadata = z.strictObject(metadataShape);
export type TunnelMetadata = Infer<typeof tunnelMetadata>;

const sharing = z.enum(["all", ""]).describe(
  "Who may use it besides its owner: all users of the organization, or nobody.",
);
export type Sharing = z.output<typeof sharing>;

/** Body of `POST /{user}/tunnels`. */
export const createTunnelRequest = z.strictObject({
  tunnel_identifier: z.string().max(MAX_NAME_LENGTH).regex(
    TUNNEL_NAME,
    "must be visible ASCII characters without a colon",
  ).meta({
    description: "Name of the tunnel, or of the pool it joins.",
    examples: ["lab"],
  }),
  // Sauce Connect 5's name for HTTP/2 over the client's own TLS connection.
  protocol: z.exactOptional(z.literal("h2c")),
  shared: z.exactOptional(sharing),
  shared_tunnel: z.exactOptional(
    z.boolean().describe("The same as `shared`, under its older name."),
  ),
  tunnel_pool: z.exactOptional(
    z.boolean().describe(
      "Whether the tunnel joins the tunnels of this name; otherwise it ends them.",
    ),
  ),
  dedicated_port: z.exactOptional(
    z.boolean().describe(
      "Whether to give it a proxy port of its own, where browsers need no credentials.",
    ),
  ),
  metadata: z.exactOptional(
    tunnelMetadata.describe("What the client says about itself."),
  ),
  ...domainRulesShape,
}).refine(
  (body) => !body.tunnel_domains?.length || !body.direct_domains?.length,
  {
    path: ["direct_domains"],
    message: "excludes tunnel_domains, give one of them",
  },
).refine(
  (body) =>
    !body.tls_resign_domains?.length || !body.tls_passthrough_domains?.length,
  {
    path: ["tls_passthrough_domains"],
    message: "excludes tls_resign_domains, give one of them",
  },
).meta({ id: "CreateTunnel" });
export type CreateTunnelRequest = Infer<typeof createTunnelRequest>;

const tunnelStatus = z.enum(["new", "running", "terminated"]).describe(
  "`new`: its client has not connected yet.",
);
export type TunnelStatus = z.output<typeof tunnelStatus>;

const timeOrNull = count.nullable();

/** A tunnel's state; times are whole seconds since 1970. */
export const tunnelState = z.object({
  id: z.string().describe("32 hexadecimal digits."),
  owner: z.string(),
  tunnel_identifier: z.string(),
  status: tunnelStatus,
  is_ready: z.boolean().describe(
    "Whether a request that is sent now reaches the client.",
  ),
  host: z.string().describe("Where the client connects to."),
  protocol: z.literal("h2c"),
  creation_time: count.describe("Seconds since 1970, like all times."),
  launch_time: timeOrNull.describe("When its client first connected."),
  last_connected: timeOrNull.describe(
    "When its client last connected or sent a heartbeat.",
  ),
  shutdown_time: timeOrNull.describe("When it ended."),
  shutdown_reason: z.string().nullable().describe(
    "Set as soon as the tunnel begins to stop, while running jobs still finish.",
  ),
  user_shutdown: z.boolean().nullable().describe(
    "Whether its owner stopped it; `null` until it is stopped.",
  ),
  // Servers of earlier versions leave it out.
  replaced_by: z.object({
    user: z.string(),
    host: z.string().nullable().describe("The machine, as its client says."),
    address: z.string().nullable(),
    time: count,
  }).nullable().default(null).describe(
    "The start of a tunnel of the same name that ended this one, if one did.",
  ),
  shared: sharing,
  shared_tunnel: z.boolean(),
  tunnel_pool: z.boolean(),
  // Servers of earlier versions leave it out.
  dedicated_port: port.nullable().default(null).describe(
    "Its proxy port for browsers without credentials, if it has one.",
  ),
  metadata: z.object(metadataShape),
  ...domainRulesShape,
}).meta({ id: "Tunnel" });
export type TunnelState = Infer<typeof tunnelState>;

/** Sentences of the server for the user: `fatal` ones stop the start. */
export const serverMessages = z.object({
  fatal: texts,
  warning: texts,
  info: texts,
});
export type ServerMessages = Infer<typeof serverMessages>;

/** Reply to `POST /{user}/tunnels`: the state and what the client needs to connect. No other reply has its secrets. */
export const createdTunnelReply = z.object({
  ...tunnelState.shape,
  messages: serverMessages,
  /** A name or address; IPv6 without brackets. */
  tunnel_host: z.string().min(1),
  tunnel_port: port,
  /** Servers before 0.2 do not say it. */
  tunnel_at_server: z.boolean().optional().describe(
    "Whether clients connect where this request went, by the same proxy; " +
      "`tunnel_host` and `tunnel_port` are the same place as the server sees it.",
  ),
  /** Ends with the tunnel. */
  tunnel_token: z.string().min(1).describe(
    "Admits the client's connections to this tunnel, and nothing else.",
  ),
  proxy_host: z.string().min(1).describe("The proxy that browsers use."),
  proxy_port: port,
  /** Servers before 0.2 do not say it. */
  proxy_url: z.string().min(1).optional().describe(
    "The same proxy, or one that speaks TLS: `https://host:port`.",
  ),
  /** Servers before 0.2 do not say it. */
  proxy_own_ca: z.boolean().optional().describe(
    "Whether the server's own CA has signed for its TLS: who uses the proxy " +
      "needs the file of that CA.",
  ),
  /** `<user>+<tunnel name>`. */
  proxy_username: z.string().min(1),
  /** Ends with the tunnel. */
  proxy_password: z.string().min(1).describe(
    "Lets browsers use this tunnel, and nothing else.",
  ),
}).meta({ id: "CreatedTunnel" });
export type CreatedTunnelReply = Infer<typeof createdTunnelReply>;
