/**
 * The npm package `sallyport`: a tunnel for a test program in Node.js, Deno or
 * Bun.
 *
 * @module
 */
export { startTunnel } from "./start_tunnel.ts";
export type { FilePlugin, Tunnel, TunnelOptions } from "./start_tunnel.ts";
export { TunnelError } from "./errors.ts";
export { InstallationError } from "./runtime.ts";
export type {
  TunnelEnd,
  TunnelProxy,
  TunnelStop,
} from "../client/program/tunnel.ts";
export type { ClientState as TunnelState } from "../client/state.ts";
