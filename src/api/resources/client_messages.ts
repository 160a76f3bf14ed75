/**
 * Messages between a client and the server: updates, heartbeat, probe and crash
 * report, and what the server says about versions.
 */
import { z } from "zod";
import type { Infer } from "./immutable.ts";
import { serverMessages } from "./tunnel_resource.ts";

/** Longest description of a crash in characters: a trace with many frames. */
const MAX_INFO_LENGTH = 64 * 1024;
/** Longest id of a tunnel in a report. */
const MAX_ID_LENGTH = 64;
/** Longest log in characters: below the limit for the body of any request. */
const MAX_LOGS_LENGTH = 512 * 1024;

const bytes = z.number().nonnegative();
const seconds = z.number().positive();
const texts = z.array(z.string());

/** Body of `POST /{user}/tunnels/{id}/connected`. The names date from the protocol before HTTP/2. */
export const heartbeatRequest = z.strictObject({
  kgp_is_connected: z.boolean().describe("Whether any session is open."),
  kgp_seconds_since_last_status_change: z.int().nonnegative(),
  memory: z.exactOptional(
    z.strictObject({
      total: bytes,
      available: bytes,
      used: bytes,
      free: bytes,
    }).describe("Memory of the client's machine in bytes."),
  ),
}).meta({ id: "Heartbeat" });
export type HeartbeatRequest = Infer<typeof heartbeatRequest>;

/** Reply to a heartbeat. */
export const heartbeatReply = z.object({
  id: z.string(),
  result: z.boolean(),
}).meta({ id: "HeartbeatReply" });
export type HeartbeatReply = Infer<typeof heartbeatReply>;

/** Numbers that the server gives its clients. */
const clientConfiguration = z.object({
  /** Longest wait for running jobs when a tunnel is stopped. */
  job_wait_timeout: seconds,
  kgp_handshake_timeout: seconds,
  /** A count. */
  max_missed_acks: z.number(),
  /** Between two heartbeats. */
  client_status_interval: seconds,
  client_status_timeout: seconds,
  /** Between two checks of the tunnel's state. */
  server_status_interval: seconds,
  server_status_timeout: seconds,
  /** For the whole start. */
  start_timeout: seconds,
  experimental: texts,
  /** Names and base addresses of REST APIs. */
  regions: z.array(z.object({ name: z.string(), url: z.string() })),
});
export type ClientConfiguration = Infer<typeof clientConfiguration>;

/** Reply to `GET /{user}/tunnels/info/updates`. */
export const updatesReply = z.object({
  ...serverMessages.shape,
  configuration: clientConfiguration,
}).meta({ id: "Updates" });
export type UpdatesReply = Infer<typeof updatesReply>;

/** Downloads by platform. */
const downloads = z.record(
  z.string(),
  z.object({ download_url: z.string(), sha256: z.string() }),
);

/** Reply to `GET /public/tunnels/info/versions`. A self-hosted server knows only its own version. */
export const versionsReply = z.object({
  latest_version: z.string(),
  /** The version in the query, if any. */
  client_version: z.exactOptional(z.string()),
  /** `UPGRADE` when the client is older than the server. */
  status: z.enum(["OK", "UPGRADE"]),
  info_url: z.string().nullable(),
  download_url: z.string().nullable(),
  sha1: z.string().nullable(),
  warning: texts,
  downloads,
  /** By version; only if the query asks for all. */
  all_downloads: z.exactOptional(z.record(z.string(), downloads)),
}).meta({ id: "Versions" });
export type VersionsReply = Infer<typeof versionsReply>;

/** Reply to `GET /public/tunnels/sauce-connect/download`: this server offers no downloads. */
export const downloadReply = z.object({
  error: z.object({ code: z.int(), message: z.string() }),
}).meta({ id: "NoDownload" });
export type DownloadReply = Infer<typeof downloadReply>;

/** Reply to `POST /{user}/tunnels/{id}/probe`. */
export const probedReply = z.object({
  result: z.literal(true),
  duration: z.number().nonnegative().describe("Milliseconds, there and back."),
}).meta({ id: "Probed" });
export type ProbedReply = Infer<typeof probedReply>;

/** Body of `POST /{user}/errors`; the names are those that Sauce Connect's clients send. */
export const crashReport = z.strictObject({
  Info: z.string().max(MAX_INFO_LENGTH).describe("What happened."),
  // It may hold secrets.
  Logs: z.exactOptional(
    z.string().max(MAX_LOGS_LENGTH).describe(
      "The end of the client's log. It is not kept.",
    ),
  ),
  Tunnel: z.exactOptional(
    z.string().max(MAX_ID_LENGTH).describe("Id of the tunnel."),
  ),
}).meta({ id: "CrashReport" });

/** Reply to `POST /{user}/errors`. */
export const reportedReply = z.object({
  result: z.literal(true),
}).meta({ id: "Reported" });
