/**
 * Sallyport: a tunnel for testing. Browsers and devices in a test lab reach
 * sites behind your firewall through connections that a client inside keeps
 * open to a server.
 *
 * A server and a client in one program, and a request through both:
 *
 * ```ts
 * import { startServer, startTunnel } from "@sallyport/sallyport";
 *
 * const anywhere = { hostname: "127.0.0.1", port: 0 };
 * const dataDir = await Deno.makeTempDir();
 * await using server = await startServer({
 *   dataDir,
 *   address: anywhere,
 *   tunnelAddress: anywhere,
 *   proxyAddress: anywhere,
 *   users: [{ name: "jane", key: "a-key-of-your-own" }],
 * });
 *
 * await using tunnel = await startTunnel({
 *   server: server.url,
 *   username: "jane",
 *   accessKey: "a-key-of-your-own",
 *   tunnelName: "my-tunnel",
 *   caCerts: server.ca ? [server.ca.pem] : [],
 * });
 *
 * // Requests pass from here on: point browsers at the proxy.
 * console.log(tunnel.tunnel.proxy, "is the proxy of", tunnel.tunnel.name);
 * ```
 *
 * @module
 */
export {
  type Client as Tunnel,
  startClient as startTunnel,
} from "./src/client/client.ts";
export { ClientError } from "./src/client/errors.ts";
export type { ClientErrorCode } from "./src/client/errors.ts";
export type {
  ClientEvent as TunnelEvent,
  ClientOptions as TunnelOptions,
  DialSettings,
  PluginSettings,
} from "./src/client/options.ts";
export type {
  ClientSnapshot as TunnelSnapshot,
  ClientState as TunnelState,
  TunnelInfo,
} from "./src/client/state.ts";
export type { SilenceLimits } from "./src/tunnel/silence.ts";
export type { HeaderLimits } from "./src/http1/parse/header_limits.ts";
export type { Address } from "./src/net/address/address.ts";
export type {
  HttpLogMode,
  HttpLogModule,
  HttpLogRule,
} from "./src/log/http_log.ts";
export type { InspectorSettings } from "./src/inspector/inspector.ts";
export { ListenError } from "./src/net/listen/listen.ts";
export type { HostOverride } from "./src/net/names/host_overrides.ts";
export { parseHosts } from "./src/net/names/hosts_file.ts";
export type { HostTable } from "./src/net/names/hosts_file.ts";
export type { NameSettings } from "./src/net/names/name_resolver.ts";
export type { Resolver } from "./src/net/names/resolver.ts";
export type {
  UpstreamCredentials,
  UpstreamProtocol,
  UpstreamProxy,
} from "./src/net/address/upstream_proxy.ts";
export { parseUpstreamProxy } from "./src/net/address/upstream_proxy.ts";
export type { SiteCredentials } from "./src/http/site_credentials.ts";
export type { BasicCredentials } from "./src/http/basic_credentials.ts";
export { tableResolver } from "./src/net/names/resolver.ts";
export type {
  ConnectionPluginContext,
  ExchangePluginContext,
  Fetchable,
  LogFields,
  PluginContext,
  PluginFetch,
  PluginLog,
  TunnelFacts,
} from "./src/plugin/api/context.ts";
export { PluginError } from "./src/plugin/api/errors.ts";
export type {
  PluginErrorCode,
  PluginErrorOptions,
} from "./src/plugin/api/errors.ts";
export type { CallName, HookName } from "./src/plugin/api/hook_names.ts";
export type {
  Answer,
  BodyEdit,
  BodyTransform,
  HeaderEdit,
  ReadonlyHeaders,
  ReadonlyRequest,
  ReadonlyResponse,
  RequestEdit,
  ResponseEdit,
  TextRewrite,
} from "./src/plugin/api/messages.ts";
export type { Match } from "./src/plugin/api/match.ts";
export type {
  SocketData,
  SocketEnd,
  SocketMessage,
} from "./src/plugin/api/socket_message.ts";
export { parsePermissions } from "./src/plugin/api/permissions.ts";
export type {
  PermissionRule,
  PluginPermissions,
  SandboxPermissions,
} from "./src/plugin/api/permissions.ts";
export type {
  ConnectElsewhere,
  ConnectRefusal,
  ConnectTarget,
  Plugin,
  TunnelChange,
} from "./src/plugin/api/plugin.ts";
export { parseHeaderRule } from "./src/http/header_rules.ts";
export type { HeaderRule } from "./src/http/header_rules.ts";
export { parseTimeFrame } from "./src/async/time_frame.ts";
export type { TimeFrame } from "./src/async/time_frame.ts";
export type { TimeWindow } from "./src/proxy/time_window.ts";
export type { RateSettings } from "./src/proxy/throttle.ts";
export type { HeaderRules } from "./src/proxy/rewrite_headers.ts";
export type { LocalhostMode } from "./src/proxy/local_rules.ts";
export type { PortRange } from "./src/config/options/port_config.ts";
export type { DirectMode } from "./src/server/proxy/direct_proxy.ts";
export type { Credentials } from "./src/server/accounts/accounts.ts";
export { CertificateError } from "./src/server/tls/certificates.ts";
export type { ServerOptions } from "./src/server/options.ts";
export { type CaInfo, type Server, startServer } from "./src/server/server.ts";
export type { Running } from "./src/async/running.ts";
