import type { StateLabel } from "../../../web/components/state_label.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** The state of a tunnel in words. */
export function labelOfState(tunnel: Tunnel): StateLabel {
  const reason = tunnel.stopCause?.reason ?? "";
  if (tunnel.status === "terminated") {
    return { className: "ended", text: `Stopped (${reason})` };
  }
  if (tunnel.isStopping) {
    const jobs = tunnel.jobsRunning;
    return {
      className: "ending",
      text: `Stopping (${reason}), ${jobs} ${jobs === 1 ? "job" : "jobs"} left`,
    };
  }
  if (tunnel.isReady) return { className: "good", text: "Running" };
  return {
    className: "waiting",
    text: tunnel.status === "new" ? "Waiting for client" : "Client is away",
  };
}
