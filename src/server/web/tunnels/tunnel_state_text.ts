/**
 * The state of a tunnel in words, and its looks.
 *
 * @module
 */
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** Looks of a state; each has a mark of its own, because not everybody sees colours. */
export type StateLook = "good" | "waiting" | "ending" | "ended";

/** How a state is shown. */
export interface StateText {
  readonly look: StateLook;
  readonly text: string;
}

/** The state of a tunnel for people. */
export function stateOf(tunnel: Tunnel): StateText {
  const reason = tunnel.stopCause?.reason ?? "";
  if (tunnel.status === "terminated") {
    return { look: "ended", text: `Stopped (${reason})` };
  }
  if (tunnel.isStopping) {
    const jobs = tunnel.jobsRunning;
    return {
      look: "ending",
      text: `Stopping (${reason}), ${jobs} ${jobs === 1 ? "job" : "jobs"} left`,
    };
  }
  if (tunnel.isReady) return { look: "good", text: "Running" };
  return {
    look: "waiting",
    text: tunnel.status === "new" ? "Waiting for client" : "Client is away",
  };
}
