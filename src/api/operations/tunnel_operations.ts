/**
 * What users do with tunnels through the REST API. Paths are Sauce Connect's.
 *
 * @module
 */
import { NO_INPUT, type NoQuery, type Operation } from "./operation.ts";
import {
  type AllTunnelsQuery,
  allTunnelsQuery,
  type ListQuery,
  listQuery,
  type StopManyQuery,
  stopManyQuery,
  type StopQuery,
  stopQuery,
} from "../resources/tunnel_queries.ts";
import {
  type AllTunnelsReply,
  allTunnelsReply,
  type JobListReply,
  jobListReply,
  type JobsReply,
  jobsReply,
  type StoppedManyReply,
  stoppedManyReply,
  type StoppedReply,
  stoppedReply,
  type TunnelList,
  tunnelList,
} from "../resources/tunnel_replies.ts";
import {
  type CreatedTunnelReply,
  createdTunnelReply,
  type CreateTunnelRequest,
  createTunnelRequest,
  type TunnelState,
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
export const listTunnels: Operation<TunnelList, ListQuery> = {
  ...TUNNELS,
  id: "listTunnels",
  method: "get",
  summary: "Live tunnels that you may use, newest first",
  details: "Your own, and those that others of your organization share. With " +
    "`all`, admins also see those that they may stop.",
  query: listQuery,
  reply: { summary: "The tunnels", schema: tunnelList },
};

/** Creates a tunnel. */
export const createTunnel: Operation<
  CreatedTunnelReply,
  NoQuery,
  CreateTunnelRequest
> = {
  ...TUNNELS,
  id: "createTunnel",
  scopes: ["start"],
  method: "post",
  summary: "Creates a tunnel for a client",
  details: "The answer has what the client needs to connect. Unless it joins " +
    "a pool, the tunnel takes the place of those of its name.",
  body: createTunnelRequest,
  reply: {
    status: 201,
    summary: "The tunnel and its secrets, which are told only now",
    schema: createdTunnelReply,
  },
  problems: {
    400:
      "The content is wrong, or you or your organization have too many tunnels",
    503: { delay: "The server is stopping, and may be back soon" },
  },
};

/** Stops the tunnels that a run of CI has left behind. */
export const stopTunnels: Operation<StoppedManyReply, StopManyQuery> = {
  ...TUNNELS,
  id: "stopTunnels",
  scopes: ["start"],
  method: "delete",
  summary: "Stops all of your tunnels with certain metadata",
  query: stopManyQuery,
  reply: {
    summary: "These take no new jobs; running ones finish",
    schema: stoppedManyReply,
  },
};

/** Looks at a tunnel. */
export const getTunnel: Operation<TunnelState> = {
  ...TUNNEL,
  id: "getTunnel",
  scopes: ["read", "start"],
  method: "get",
  summary:
    "The state of a tunnel that you may use, or of one that you may stop, ended or not",
  reply: { summary: "The state", schema: tunnelState },
};

/** Stops a tunnel. */
export const stopTunnel: Operation<StoppedReply, StopQuery> = {
  ...TUNNEL,
  id: "stopTunnel",
  scopes: ["start"],
  method: "delete",
  summary: "Stops one of your tunnels",
  details: "Admins also stop those of their organization, admins of a team " +
    "those of the team.",
  query: stopQuery,
  reply: {
    summary: "It takes no new jobs; running ones finish",
    schema: stoppedReply,
  },
};

/** Counts a tunnel's jobs. */
export const countJobs: Operation<JobsReply> = {
  ...TUNNEL,
  path: "/{user}/tunnels/{id}/num_jobs",
  id: "countJobs",
  scopes: ["read", "start"],
  method: "get",
  summary: "How many jobs a tunnel is running",
  details: "A job is all requests under way that name it with " +
    "`X-Sallyport-Job` or in the user name of the proxy; one that names none " +
    "is a job of its own.",
  reply: { summary: "The count", schema: jobsReply },
};

/** Lists a tunnel's jobs. */
export const listJobs: Operation<JobListReply> = {
  ...TUNNEL,
  path: "/{user}/tunnels/{id}/jobs",
  id: "listJobs",
  method: "get",
  summary: "The jobs that a tunnel which you may stop is running",
  details: "Admins also see those of their organization, admins of a team " +
    "those of the team.",
  reply: { summary: "The jobs", schema: jobListReply },
};

/** Lists one's own tunnels, ended ones too. */
export const listAllTunnels: Operation<AllTunnelsReply, AllTunnelsQuery> = {
  ...TUNNELS,
  path: "/{user}/all_tunnels",
  id: "listAllTunnels",
  method: "get",
  summary: "Your tunnels, ended ones too, newest first",
  query: allTunnelsQuery,
  reply: { summary: "The tunnels", schema: allTunnelsReply },
};
