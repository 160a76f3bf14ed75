/**
 * The npm package `sallyport`: a tunnel for a test program in Node.js, Deno or
 * Bun.
 *
 * @module
 */
export { startNodeTunnel as startTunnel } from "./start_tunnel.ts";
export type {
  FilePlugin,
  NodeTunnel as Tunnel,
  NodeTunnelOptions as TunnelOptions,
} from "./start_tunnel.ts";
export { InstallationError, NodeTunnelError as TunnelError } from "./errors.ts";
export type {
  TunnelEnd,
  TunnelProxy,
  TunnelStop,
} from "../client/program/tunnel.ts";
export type { ClientState as TunnelState } from "../client/state.ts";
