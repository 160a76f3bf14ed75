/** Versions of client and server, and the numbers that clients work with. */
// deno-lint-ignore-file camelcase -- the names on the wire
import type { VersionsQuery } from "../../api/resources/tunnel_queries.ts";
import type {
  ClientConfiguration,
  DownloadReply,
  UpdatesReply,
  VersionsReply,
} from "../../api/resources/client_messages.ts";
import { JOBS_TIMEOUT } from "../tunnels/controller.ts";

/** In seconds, except the count of missed acknowledgements. */
const CONFIGURATION: Omit<ClientConfiguration, "regions"> = {
  job_wait_timeout: JOBS_TIMEOUT / 1000,
  kgp_handshake_timeout: 15,
  max_missed_acks: 300,
  client_status_interval: 30,
  client_status_timeout: 15,
  server_status_interval: 10,
  server_status_timeout: 5,
  start_timeout: 45,
  experimental: [],
};

/** Messages and numbers for a client that starts. */
export function updatesFor(
  clientVersion: string | undefined,
  { serverVersion, restUrl }: {
    readonly serverVersion: string;
    /** Base address of this REST API as the client sees it. */
    readonly restUrl: string;
  },
): UpdatesReply {
  return {
    fatal: [],
    warning: isOlder(clientVersion, serverVersion)
      ? [
        `The client has version ${clientVersion} and the server ${serverVersion}, update the client`,
      ]
      : [],
    info: [],
    configuration: {
      ...CONFIGURATION,
      regions: [{ name: "default", url: restUrl }],
    },
  };
}

/** Known versions: a self-hosted server knows only its own. */
export function versionsFor(
  { client_version: clientVersion, all = false }: VersionsQuery,
  serverVersion: string,
): VersionsReply {
  const { warning } = updatesFor(clientVersion, { serverVersion, restUrl: "" });
  return {
    latest_version: serverVersion,
    ...clientVersion === undefined ? {} : { client_version: clientVersion },
    status: warning.length > 0 ? "UPGRADE" : "OK",
    info_url: null,
    download_url: null,
    sha1: null,
    warning,
    downloads: {},
    ...all ? { all_downloads: { [serverVersion]: {} } } : {},
  };
}

/** The reply that there is no download. */
export function noDownload(): DownloadReply {
  return {
    error: {
      code: 404,
      message:
        "This server offers no downloads, install sallyport and give the path of its program",
    },
  };
}

/** Whether `version` precedes `other`; `false` if it is not a version. */
function isOlder(version: string | undefined, other: string): boolean {
  const left = numbersOf(version ?? "");
  const right = numbersOf(other);
  if (!left || !right) return false;
  const at = left.findIndex((number, index) => number !== right[index]);
  return (left[at] ?? 0) < (right[at] ?? 0);
}

function numbersOf(version: string): readonly number[] | undefined {
  return /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
}
