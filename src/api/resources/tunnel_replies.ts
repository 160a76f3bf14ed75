/**
 * The smaller messages about a tunnel and its client: heartbeat, updates,
 * versions, stop, count of jobs, probe, lists.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import {
  type ServerMessages,
  type TunnelState,
  tunnelState,
} from "./tunnel_resource.ts";

const bytes = z.number().nonnegative();

/** Memory of the client's machine in bytes. */
export interface ClientMemory {
  readonly total: number;
  readonly available: number;
  readonly used: number;
  readonly free: number;
}

/** Body of `POST /{user}/tunnels/{id}/connected`. The names are as old as the protocol before HTTP/2. */
export interface HeartbeatRequest {
  /** Whether any session is open. */
  readonly kgp_is_connected: boolean;
  readonly kgp_seconds_since_last_status_change: number;
  readonly memory?: ClientMemory;
}

/** Reads a {@linkcode HeartbeatRequest}; strict. */
export const heartbeatRequest: z.ZodType<HeartbeatRequest> = z.strictObject({
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

/** Reply to a heartbeat. */
export interface HeartbeatReply {
  readonly id: string;
  readonly result: boolean;
}

/** Reads a {@linkcode HeartbeatReply}. */
export const heartbeatReply: z.ZodType<HeartbeatReply> = z.object({
  id: z.string(),
  result: z.boolean(),
}).meta({ id: "HeartbeatReply" });

/** Numbers that the server gives its clients; seconds unless said. */
export interface ClientConfiguration {
  /** Longest wait for running jobs when a tunnel is stopped. */
  readonly job_wait_timeout: number;
  readonly kgp_handshake_timeout: number;
  /** A count. */
  readonly max_missed_acks: number;
  /** Between two heartbeats. */
  readonly client_status_interval: number;
  readonly client_status_timeout: number;
  /** Between two looks at the tunnel's state. */
  readonly server_status_interval: number;
  readonly server_status_timeout: number;
  /** For the whole start. */
  readonly start_timeout: number;
  readonly experimental: readonly string[];
  readonly regions: readonly Region[];
}

/** A place with servers: its name and the base address of its REST API. */
export interface Region {
  readonly name: string;
  readonly url: string;
}

/** Reply to `GET /{user}/tunnels/info/updates`. */
export interface UpdatesReply extends ServerMessages {
  readonly configuration: ClientConfiguration;
}

const seconds = z.number().positive();
const texts = z.array(z.string());

/** Reads an {@linkcode UpdatesReply}. */
export const updatesReply: z.ZodType<UpdatesReply> = z.object({
  fatal: texts,
  warning: texts,
  info: texts,
  configuration: z.object({
    job_wait_timeout: seconds,
    kgp_handshake_timeout: seconds,
    max_missed_acks: z.number(),
    client_status_interval: seconds,
    client_status_timeout: seconds,
    server_status_interval: seconds,
    server_status_timeout: seconds,
    start_timeout: seconds,
    experimental: texts,
    regions: z.array(z.object({ name: z.string(), url: z.string() })),
  }),
}).meta({ id: "Updates" });

/** Reply to `GET /public/tunnels/info/versions`. A self-hosted server knows one version, its own. */
export interface VersionsReply {
  readonly latest_version: string;
  /** The version asked about, when one was. */
  readonly client_version?: string;
  /** `UPGRADE` when the client is older than the server. */
  readonly status: "OK" | "UPGRADE";
  readonly info_url: string | null;
  readonly download_url: string | null;
  readonly sha1: string | null;
  readonly warning: readonly string[];
  readonly downloads: Downloads;
  /** By version; only when all were asked for. */
  readonly all_downloads?: Readonly<Record<string, Downloads>>;
}

/** Downloads by platform. */
export type Downloads = Readonly<Record<string, Download>>;

/** One file to download. */
export interface Download {
  readonly download_url: string;
  readonly sha256: string;
}

/** Reply to `GET /public/tunnels/sauce-connect/download`: this server has nothing to download. */
export interface DownloadReply {
  readonly error: {
    readonly code: number;
    readonly message: string;
  };
}

/** Reads a {@linkcode DownloadReply}. */
export const downloadReply: z.ZodType<DownloadReply> = z.object({
  error: z.object({ code: z.int(), message: z.string() }),
}).meta({ id: "NoDownload" });

const downloads = z.record(
  z.string(),
  z.object({ download_url: z.string(), sha256: z.string() }),
);

/** Reads a {@linkcode VersionsReply}. */
export const versionsReply: z.ZodType<VersionsReply> = z.object({
  latest_version: z.string(),
  client_version: z.exactOptional(z.string()),
  status: z.enum(["OK", "UPGRADE"]),
  info_url: z.string().nullable(),
  download_url: z.string().nullable(),
  sha1: z.string().nullable(),
  warning: texts,
  downloads,
  all_downloads: z.exactOptional(z.record(z.string(), downloads)),
}).meta({ id: "Versions" });

/** Reply to `DELETE /{user}/tunnels/{id}`: the tunnel takes no new jobs, `jobs_running` still finish. */
export interface StoppedReply {
  readonly result: true;
  readonly id: string;
  readonly jobs_running: number;
}

/** Reads a {@linkcode StoppedReply}. */
export const stoppedReply: z.ZodType<StoppedReply> = z.object({
  result: z.literal(true),
  id: z.string(),
  jobs_running: z.int().nonnegative(),
}).meta({ id: "Stopped" });

/** Reply to `DELETE /{user}/tunnels?metadata=…`: these take no new jobs, `jobs_running` still finish. */
export interface StoppedManyReply {
  readonly result: true;
  readonly ids: readonly string[];
  readonly jobs_running: number;
}

/** Reads a {@linkcode StoppedManyReply}. */
export const stoppedManyReply: z.ZodType<StoppedManyReply> = z.object({
  result: z.literal(true),
  ids: z.array(z.string()),
  jobs_running: z.int().nonnegative(),
}).meta({ id: "StoppedMany" });

/** Reply to `GET /{user}/tunnels/{id}/num_jobs`. */
export interface JobsReply {
  readonly id: string;
  readonly jobs_running: number;
}

/** Reads a {@linkcode JobsReply}. */
export const jobsReply: z.ZodType<JobsReply> = z.object({
  id: z.string(),
  jobs_running: z.int().nonnegative(),
}).meta({ id: "Jobs" });

/** A job that is running. */
export interface JobState {
  /** As its requests name it. */
  readonly id: string;
  /** Requests under way. */
  readonly exchanges: number;
  /** Since when there is always one; seconds since 1970. */
  readonly since: number;
}

/** Reply to `GET /{user}/tunnels/{id}/jobs`. */
export interface JobListReply extends JobsReply {
  readonly jobs: readonly JobState[];
  /** Requests under way that name no job. */
  readonly other_exchanges: number;
}

/** Reads a {@linkcode JobListReply}. */
export const jobListReply: z.ZodType<JobListReply> = z.object({
  id: z.string(),
  jobs_running: z.int().nonnegative().describe(
    "Jobs, and requests that name none.",
  ),
  jobs: z.array(
    z.object({
      id: z.string().describe("As its requests name it."),
      exchanges: z.int().nonnegative().describe("Requests under way."),
      since: z.int().nonnegative().describe(
        "Since when there is always one; seconds since 1970.",
      ),
    }).meta({ id: "Job" }),
  ).describe("The oldest first."),
  other_exchanges: z.int().nonnegative().describe(
    "Requests under way that name no job.",
  ),
}).meta({ id: "JobList" });

/** Reply to `POST /{user}/tunnels/{id}/probe`: a request went through the proxy, the tunnel, and back. */
export interface ProbedReply {
  readonly result: true;
  /** Milliseconds. */
  readonly duration: number;
}

/** Reads a {@linkcode ProbedReply}. */
export const probedReply: z.ZodType<ProbedReply> = z.object({
  result: z.literal(true),
  duration: z.number().nonnegative().describe("Milliseconds, there and back."),
}).meta({ id: "Probed" });

/** Ids or states of tunnels, by owner when asked so. */
export type TunnelList =
  | readonly string[]
  | readonly TunnelState[]
  | Readonly<Record<string, readonly string[] | readonly TunnelState[]>>;

const idsOrStates = z.union([z.array(z.string()), z.array(tunnelState)]);

/** Reads a {@linkcode TunnelList}. */
export const tunnelList: z.ZodType<TunnelList> = z.union([
  z.array(z.string()),
  z.array(tunnelState).describe("with `full`"),
  z.record(z.string(), idsOrStates).describe("by owner, with `all`"),
]);

/** Reply to `GET /{user}/all_tunnels`: ended ones too, newest first. */
export interface AllTunnelsReply {
  readonly tunnels: readonly TunnelState[];
}

/** Reads an {@linkcode AllTunnelsReply}. */
export const allTunnelsReply: z.ZodType<AllTunnelsReply> = z.object({
  tunnels: z.array(tunnelState),
}).meta({ id: "AllTunnels" });

/** Every error of the REST API: one sentence. */
export interface ErrorReply {
  readonly error: string;
}

/** Reads an {@linkcode ErrorReply}. */
export const errorReply: z.ZodType<ErrorReply> = z.object({
  error: z.string().describe("What is wrong, in one sentence for people."),
}).meta({ id: "Error" });
