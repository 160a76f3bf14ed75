/** Operations of the REST API on tunnels. Paths are Sauce Connect's. */
import { type AnyOperation, NO_INPUT } from "./operation.ts";
import * as queries from "../resources/tunnel_queries.ts";
import * as replies from "../resources/tunnel_replies.ts";
import {
  createdTunnelReply,
  createTunnelRequest,
  tunnelState,
} from "../resources/tunnel_resource.ts";

const TUNNELS = {
  ...NO_INPUT,
  group: "Tunnels",
  path: "/{user}/tunnels",
} as const;
const TUNNEL = {
  ...NO_INPUT,
  group: "Tunnels",
  path: "/{user}/tunnels/{id}",
} as const;

/** Lists live tunnels. */
export const listTunnels = {
  ...TUNNELS,
  id: "listTunnels",
  method: "get",
  summary: "Live tunnels that you may use, newest first",
  details: "Your own, and those that others in your organization share. With " +
    "`all`, admins also see the tunnels they may stop.",
  query: queries.listQuery,
  reply: { summary: "The tunnels", schema: replies.tunnelList },
} satisfies AnyOperation;

/** Creates a tunnel. */
export const createTunnel = {
  ...TUNNELS,
  id: "createTunnel",
  scopes: ["start"],
  method: "post",
  summary: "Creates a tunnel for a client",
  details: "The response has what the client needs to connect. The tunnel " +
    "replaces others of its name, unless it joins a pool.",
  body: createTunnelRequest,
  reply: {
    status: 201,
    summary: "The tunnel and its secrets, which are shown only once",
    schema: createdTunnelReply,
  },
  problems: {
    400: "The body is wrong, or you or your organization have too many tunnels",
    503: { delay: "The server is stopping, and may be back soon" },
  },
} satisfies AnyOperation;

/** Stops the tunnels that a CI run left behind. */
export const stopTunnels = {
  ...TUNNELS,
  id: "stopTunnels",
  scopes: ["start"],
  method: "delete",
  summary: "Stops all of your tunnels with certain metadata",
  details: "The parameters may also be fields of a JSON body.",
  query: queries.stopManyQuery,
  options: queries.stopManyOptions,
  reply: {
    summary: "These tunnels take no new jobs; running jobs finish",
    schema: replies.stoppedManyReply,
  },
} satisfies AnyOperation;

/** Shows a tunnel. */
export const getTunnel = {
  ...TUNNEL,
  id: "getTunnel",
  scopes: ["read", "start"],
  method: "get",
  summary:
    "The state of a tunnel that you may use or stop; in the second case also after its end",
  reply: { summary: "The state", schema: tunnelState },
} satisfies AnyOperation;

/** Stops a tunnel. */
export const stopTunnel = {
  ...TUNNEL,
  id: "stopTunnel",
  scopes: ["start"],
  method: "delete",
  summary: "Stops one of your tunnels",
  details: "Admins may also stop tunnels of their organization, team admins " +
    "those of their team. The parameters may also be fields of a JSON body.",
  query: queries.stopQuery,
  options: queries.stopOptions,
  reply: {
    summary: "The tunnel takes no new jobs; running jobs finish",
    schema: replies.stoppedReply,
  },
} satisfies AnyOperation;

/** Counts a tunnel's jobs. */
export const countJobs = {
  ...TUNNEL,
  path: "/{user}/tunnels/{id}/num_jobs",
  id: "countJobs",
  scopes: ["read", "start"],
  method: "get",
  summary: "How many jobs a tunnel is running",
  details:
    "Requests in progress that name the same job count as one job. They " +
    "name it with `X-Sallyport-Job` or in the proxy's user name. A request " +
    "without a job counts as one.",
  reply: { summary: "The count", schema: replies.jobsReply },
} satisfies AnyOperation;

/** Lists a tunnel's jobs. */
export const listJobs = {
  ...TUNNEL,
  path: "/{user}/tunnels/{id}/jobs",
  id: "listJobs",
  method: "get",
  summary: "The running jobs of a tunnel that you may stop",
  details:
    "Admins also see jobs of their organization's tunnels, team admins " +
    "those of their team.",
  reply: { summary: "The jobs", schema: replies.jobListReply },
} satisfies AnyOperation;

/** Lists the user's own tunnels, including ended ones. */
export const listAllTunnels = {
  ...TUNNELS,
  path: "/{user}/all_tunnels",
  id: "listAllTunnels",
  method: "get",
  summary: "Your tunnels, including ended ones, newest first",
  query: queries.allTunnelsQuery,
  reply: { summary: "The tunnels", schema: replies.allTunnelsReply },
} satisfies AnyOperation;
