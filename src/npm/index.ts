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
export type {
  ConnectionPluginContext,
  ExchangePluginContext,
  Fetchable,
  LogFields,
  OriginalRequest,
  PluginContext,
  PluginFetch,
  PluginLog,
  ReadonlyUrl,
  ResponsePluginContext,
  TunnelFacts,
} from "../plugin/api/context.ts";
export type { Match } from "../plugin/api/match.ts";
export type {
  Answer,
  EditableMessage,
  EditableRequest,
  EditableResponse,
  HeadersLike,
  MessageHeaders,
  NewBody,
  ReadLimits,
} from "../plugin/api/messages.ts";
export type {
  ConnectElsewhere,
  ConnectRefusal,
  ConnectTarget,
  OptionsOf,
  Plugin,
  TunnelChange,
} from "../plugin/api/plugin.ts";
export type {
  SocketData,
  SocketEnd,
  SocketMessage,
} from "../plugin/api/socket_message.ts";
export {
  type Relay as LocalProxy,
  startRelay as startLocalProxy,
} from "./relay.ts";
export type { AskOptions as LocalProxyOptions } from "./ask_proxy.ts";
export type { JobFailure } from "./around_tests.ts";
