/**
 * What clients ask and tell the REST API while their tunnel runs.
 *
 * @module
 */
import {
  type CrashReport,
  crashReport,
  type ReportedReply,
  reportedReply,
} from "../resources/client_report.ts";
import { NO_INPUT, type NoQuery, type Operation } from "./operation.ts";
import {
  type UpdatesQuery,
  updatesQuery,
} from "../resources/tunnel_queries.ts";
import {
  type HeartbeatReply,
  heartbeatReply,
  type HeartbeatRequest,
  heartbeatRequest,
  type ProbedReply,
  probedReply,
  type UpdatesReply,
  updatesReply,
} from "../resources/tunnel_replies.ts";

const CLIENTS = {
  ...NO_INPUT,
  group: "For clients",
} as const;

/** What a client asks before it starts. */
export const getUpdates: Operation<UpdatesReply, UpdatesQuery> = {
  ...CLIENTS,
  id: "getUpdates",
  scopes: ["read", "start"],
  method: "get",
  path: "/{user}/tunnels/info/updates",
  summary: "What a client should know before it starts",
  details: "Messages for its user, of which `fatal` ones stop the start, and " +
    "the numbers to work with, in seconds.",
  query: updatesQuery,
  reply: { summary: "Messages and numbers", schema: updatesReply },
};

/** The client is alive. */
export const sendHeartbeat: Operation<
  HeartbeatReply,
  NoQuery,
  HeartbeatRequest
> = {
  ...CLIENTS,
  id: "sendHeartbeat",
  scopes: ["start"],
  method: "post",
  path: "/{user}/tunnels/{id}/connected",
  summary: "Tells that the client of one of your tunnels is alive",
  body: heartbeatRequest,
  reply: { summary: "It was heard", schema: heartbeatReply },
};

/** Is the tunnel of use? */
export const probeTunnel: Operation<ProbedReply> = {
  ...CLIENTS,
  id: "probeTunnel",
  scopes: ["start"],
  method: "post",
  path: "/{user}/tunnels/{id}/probe",
  summary: "Sends a request through the proxy, one of your tunnels, and back",
  reply: { summary: "It came back", schema: probedReply },
  problems: {
    503: "It did not come back; with `Retry-After`: the server is stopping",
  },
};

/** The client crashed. */
export const reportCrash: Operation<ReportedReply, NoQuery, CrashReport> = {
  ...CLIENTS,
  id: "reportCrash",
  scopes: ["start"],
  method: "post",
  path: "/{user}/errors",
  summary: "Tells that a client has crashed",
  details: "What happened becomes a line of the server's log.",
  body: crashReport,
  reply: { summary: "It was written down", schema: reportedReply },
};
