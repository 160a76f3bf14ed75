/** Operations of the REST API for clients. */
import * as messages from "../resources/client_messages.ts";
import { updatesQuery } from "../resources/tunnel_queries.ts";
import { type AnyOperation, NO_INPUT } from "./operation.ts";

const CLIENTS = {
  ...NO_INPUT,
  group: "For clients",
} as const;

/** Messages and numbers for a client that starts. */
export const getUpdates = {
  ...CLIENTS,
  id: "getUpdates",
  scopes: ["read", "start"],
  method: "get",
  path: "/{user}/tunnels/info/updates",
  summary: "What a client should know before it starts",
  details: "Messages for its user, and timeouts and intervals in seconds. " +
    "A `fatal` message stops the start.",
  query: updatesQuery,
  reply: {
    summary: "Messages, timeouts and intervals",
    schema: messages.updatesReply,
  },
} satisfies AnyOperation;

/** Heartbeat of a client. */
export const sendHeartbeat = {
  ...CLIENTS,
  id: "sendHeartbeat",
  scopes: ["start"],
  method: "post",
  path: "/{user}/tunnels/{id}/connected",
  summary: "Reports that the client of one of your tunnels is alive",
  body: messages.heartbeatRequest,
  reply: {
    summary: "The heartbeat was received",
    schema: messages.heartbeatReply,
  },
} satisfies AnyOperation;

/** Checks that the tunnel works. */
export const probeTunnel = {
  ...CLIENTS,
  id: "probeTunnel",
  scopes: ["start"],
  method: "post",
  path: "/{user}/tunnels/{id}/probe",
  summary: "Sends a test request through the proxy and one of your tunnels",
  reply: { summary: "The response came back", schema: messages.probedReply },
  problems: {
    503: "No response came back. With `Retry-After`: the server is stopping.",
  },
} satisfies AnyOperation;

/** Reports a crash. */
export const reportCrash = {
  ...CLIENTS,
  id: "reportCrash",
  scopes: ["start"],
  method: "post",
  path: "/{user}/errors",
  summary: "Reports that a client has crashed",
  details: "The description becomes a line of the server's log.",
  body: messages.crashReport,
  reply: { summary: "The report was logged", schema: messages.reportedReply },
} satisfies AnyOperation;
