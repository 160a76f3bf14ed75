/**
 * The tunnel as the REST API shows it: the JSON of every request and reply,
 * shared by the server and its clients. Names and shapes are those that
 * programs made for Sauce Connect 5 send and read; what only Sallyport's own
 * client needs comes on top.
 *
 * Requests are strict, so that a misspelt field is an error and not a silent
 * nothing; replies are read leniently, so that an older client understands a
 * newer server.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import { type DomainRules, domainRulesShape } from "./domain_rules.ts";

/**
 * Longest tunnel name in characters. Sauce Connect names no limit; this one
 * keeps `<user>+<name>` well inside every proxy's credentials.
 */
export const MAX_NAME_LENGTH = 255;
/** Longest short text (host name, platform, reason …) in characters. */
export const MAX_TEXT_LENGTH = 1024;
/** Longest `command_args` in characters: a client's whole configuration as JSON. */
export const MAX_ARGS_LENGTH = 16_384;
/** Most entries of `metadata.extra`. */
export const MAX_EXTRA_ENTRIES = 64;

// Visible ASCII with inner blanks. A colon would end the user name of Basic
// credentials (RFC 7617 §2), where the tunnel name stands.
const TUNNEL_NAME = /^[!-9;-~](?:[ -9;-~]*[!-9;-~])?$/;

/** The id of a tunnel as a pattern. */
export const TUNNEL_ID = "[0-9a-f]{32}";

const text = z.string().max(MAX_TEXT_LENGTH);
const count = z.int().nonnegative();
const port = z.int().min(1).max(65_535);
const reportedCount = z.number().nonnegative();

/** What a client says about itself when it creates a tunnel; all of it is for people to read. */
export interface TunnelMetadata {
  readonly build?: string;
  readonly command?: string;
  /** The client's changed options as JSON, secrets masked. */
  readonly command_args?: string;
  readonly external_proxy?: string;
  /** What the user gave with `--metadata`. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly git_version?: string;
  readonly hostname?: string;
  readonly host_cpu?: string;
  /** Bytes. */
  readonly host_memory?: number;
  readonly nofile_limit?: number;
  readonly platform?: string;
  /** The client's version. */
  readonly release?: string;
}

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
} as const;

/** Reads {@linkcode TunnelMetadata}; strict. */
export const tunnelMetadata: z.ZodType<TunnelMetadata> = z.strictObject(
  metadataShape,
);

/** Who may use a tunnel besides its owner; empty text means nobody. */
export type Sharing = "all" | "";

const sharing = z.enum(["all", ""]).describe(
  "Who may use it besides its owner: all users of the organization, or nobody.",
);

/** Body of `POST /{user}/tunnels`. */
export interface CreateTunnelRequest extends DomainRules {
  /** Name of the tunnel or of the pool it joins: 1 to 255 visible ASCII characters and inner blanks, no colon. */
  readonly tunnel_identifier: string;
  /** `h2c` is what Sauce Connect 5 calls HTTP/2 over the client's own TLS connection; the only protocol here. */
  readonly protocol?: "h2c";
  readonly shared?: Sharing;
  /** Says the same as `shared`, the older way. */
  readonly shared_tunnel?: boolean;
  /** Whether tunnels of this name may live beside it; without it they are ended. */
  readonly tunnel_pool?: boolean;
  /** Whether it wants a proxy port of its own, where browsers need no credentials. */
  readonly dedicated_port?: boolean;
  readonly metadata?: TunnelMetadata;
}

/** Reads a {@linkcode CreateTunnelRequest}; strict. */
export const createTunnelRequest: z.ZodType<CreateTunnelRequest> = z
  .strictObject({
    tunnel_identifier: z.string().max(MAX_NAME_LENGTH).regex(
      TUNNEL_NAME,
      "must be visible ASCII characters without a colon",
    ).meta({
      description: "Name of the tunnel, or of the pool it joins.",
      examples: ["lab"],
    }),
    protocol: z.exactOptional(z.literal("h2c")),
    shared: z.exactOptional(sharing),
    shared_tunnel: z.exactOptional(
      z.boolean().describe("The same as `shared`, by its older name."),
    ),
    tunnel_pool: z.exactOptional(
      z.boolean().describe(
        "Whether tunnels of this name may live beside it; without it they are ended.",
      ),
    ),
    dedicated_port: z.exactOptional(
      z.boolean().describe(
        "Whether it wants a proxy port of its own, where browsers need no credentials.",
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

/** `new`: no session has been attached yet. */
export type TunnelStatus = "new" | "running" | "terminated";

/** A tunnel's state; times are whole seconds since 1970. */
export interface TunnelState extends DomainRules {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly owner: string;
  readonly tunnel_identifier: string;
  readonly status: TunnelStatus;
  /** Whether an exchange sent now reaches the client. */
  readonly is_ready: boolean;
  /** Where the client connects its sessions to. */
  readonly host: string;
  readonly protocol: "h2c";
  readonly creation_time: number;
  /** When the first session was attached. */
  readonly launch_time: number | null;
  /** When the client was last heard of: a session attached or a heartbeat. */
  readonly last_connected: number | null;
  readonly shutdown_time: number | null;
  /** Set as soon as the tunnel is asked to stop, while running jobs still finish. */
  readonly shutdown_reason: string | null;
  /** Whether its owner stopped it; `null` while nobody has. */
  readonly user_shutdown: boolean | null;
  readonly shared: Sharing;
  readonly shared_tunnel: boolean;
  readonly tunnel_pool: boolean;
  /** Its proxy port for browsers without credentials; `null` if it has none. */
  readonly dedicated_port: number | null;
  readonly metadata: TunnelMetadata;
}

const timeOrNull = count.nullable();

const stateShape = {
  id: z.string().describe("32 hexadecimal digits."),
  owner: z.string(),
  tunnel_identifier: z.string(),
  status: z.enum(["new", "running", "terminated"]).describe(
    "`new`: its client has not connected yet.",
  ),
  is_ready: z.boolean().describe(
    "Whether a request that is sent now reaches the client.",
  ),
  host: z.string().describe("Where the client connects to."),
  protocol: z.literal("h2c"),
  creation_time: count.describe("Seconds since 1970, as all times."),
  launch_time: timeOrNull.describe("When its client first connected."),
  last_connected: timeOrNull.describe("When its client was last heard of."),
  shutdown_time: timeOrNull.describe("When it ended."),
  shutdown_reason: z.string().nullable().describe(
    "Set as soon as it is asked to stop, while running jobs still finish.",
  ),
  user_shutdown: z.boolean().nullable().describe(
    "Whether its owner stopped it; `null` while nobody has.",
  ),
  shared: sharing,
  shared_tunnel: z.boolean(),
  tunnel_pool: z.boolean(),
  // Servers of earlier versions do not say it.
  dedicated_port: port.nullable().default(null).describe(
    "Its proxy port for browsers without credentials, if it has one.",
  ),
  metadata: z.object(metadataShape),
  ...domainRulesShape,
} as const;

/** Reads a {@linkcode TunnelState}. */
export const tunnelState: z.ZodType<TunnelState> = z.object(stateShape).meta({
  id: "Tunnel",
});

/** Sentences of the server for the user: `fatal` ones stop the start. */
export interface ServerMessages {
  readonly fatal: readonly string[];
  readonly warning: readonly string[];
  readonly info: readonly string[];
}

const texts = z.array(z.string());
const messagesShape = { fatal: texts, warning: texts, info: texts } as const;

/** Reply to `POST /{user}/tunnels`: the state and what the client needs to connect. Its secrets are given out here only. */
export interface CreatedTunnelReply extends TunnelState {
  readonly messages: ServerMessages;
  /** Where the client dials its sessions: name or address (IPv6 without brackets). */
  readonly tunnel_host: string;
  readonly tunnel_port: number;
  /** Admits sessions of this tunnel and nothing else; ends with the tunnel. */
  readonly tunnel_token: string;
  /** The proxy that browsers use. */
  readonly proxy_host: string;
  readonly proxy_port: number;
  /** `<user>+<tunnel name>`. */
  readonly proxy_username: string;
  /** Opens this tunnel to browsers and nothing else; ends with the tunnel. */
  readonly proxy_password: string;
}

/** Reads a {@linkcode CreatedTunnelReply}. */
export const createdTunnelReply: z.ZodType<CreatedTunnelReply> = z.object({
  ...stateShape,
  messages: z.object(messagesShape),
  tunnel_host: z.string().min(1),
  tunnel_port: port,
  tunnel_token: z.string().min(1).describe(
    "Admits the client's connections to this tunnel, and nothing else.",
  ),
  proxy_host: z.string().min(1).describe("The proxy that browsers use."),
  proxy_port: port,
  proxy_username: z.string().min(1),
  proxy_password: z.string().min(1).describe(
    "Opens this tunnel to browsers, and nothing else.",
  ),
}).meta({ id: "CreatedTunnel" });
