/** Replies about tunnels: lists, jobs, stop, and every error. */
import { z } from "zod";
import type { Infer } from "./immutable.ts";
import { tunnelState } from "./tunnel_resource.ts";

const count = z.int().nonnegative();

/** Reply to `DELETE /{user}/tunnels/{id}`: the tunnel takes no new jobs, and `jobs_running` still finish. */
export const stoppedReply = z.object({
  result: z.literal(true),
  id: z.string(),
  jobs_running: count,
}).meta({ id: "Stopped" });
export type StoppedReply = Infer<typeof stoppedReply>;

/** Reply to `DELETE /{user}/tunnels?metadata=…`: these tunnels take no new jobs, and `jobs_running` still finish. */
export const stoppedManyReply = z.object({
  result: z.literal(true),
  ids: z.array(z.string()),
  jobs_running: count,
}).meta({ id: "StoppedMany" });

/** Reply to `GET /{user}/tunnels/{id}/num_jobs`. */
export const jobsReply = z.object({
  id: z.string(),
  jobs_running: count,
}).meta({ id: "Jobs" });
export type JobsReply = Infer<typeof jobsReply>;

/** Reply to `GET /{user}/tunnels/{id}/jobs`. */
export const jobListReply = z.object({
  id: z.string(),
  jobs_running: count.describe("Jobs, and requests that name none."),
  jobs: z.array(
    z.object({
      id: z.string().describe("As its requests name it."),
      exchanges: count.describe("Requests in progress."),
      since: count.describe(
        "Since when at least one request is in progress; seconds since 1970.",
      ),
    }).meta({ id: "Job" }),
  ).describe("Oldest first."),
  other_exchanges: count.describe("Requests in progress that name no job."),
}).meta({ id: "JobList" });
export type JobListReply = Infer<typeof jobListReply>;

const idsOrStates = z.union([z.array(z.string()), z.array(tunnelState)]);

/** Reply to `GET /{user}/tunnels`: ids or states, by owner on request. */
export const tunnelList = z.union([
  z.array(z.string()),
  z.array(tunnelState).describe("with `full`"),
  z.record(z.string(), idsOrStates).describe("by owner, with `all`"),
]);

/** Reply to `GET /{user}/all_tunnels`: live and ended tunnels, newest first. */
export const allTunnelsReply = z.object({
  tunnels: z.array(tunnelState),
}).meta({ id: "AllTunnels" });

/** Every error of the REST API: one sentence. */
export const errorReply = z.object({
  error: z.string().describe("What is wrong, in one sentence for people."),
}).meta({ id: "Error" });
export type ErrorReply = Infer<typeof errorReply>;
