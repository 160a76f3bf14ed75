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
 *   user: "jane",
 *   accessKey: "a-key-of-your-own",
 *   name: "my-tunnel",
 *   caCerts: server.ca ? [server.ca.pem] : [],
 * });
 *
 * // Requests pass from here on: this is Playwright's option `proxy`.
 * const proxy = tunnel.proxy({ job: "checkout-7" });
 *
 * // A mock for one test.
 * {
 *   await using mock = await tunnel.use({
 *     match: { host: "api.example", path: "/users" },
 *     request: () => Response.json([{ name: "Ada" }]),
 *   });
 *   console.log("browsers with", proxy, "meet", mock);
 * }
 * ```
 *
 * @module
 */
export { startTunnel } from "./src/client/program/start_tunnel.ts";
export type {
  ProgramTunnel as Tunnel,
  ProxyChoice,
  TunnelEnd,
  TunnelEvent,
  TunnelProxy,
  TunnelStop,
} from "./src/client/program/tunnel.ts";
export type {
  AnyPlugin,
  Duration,
  HostOptions,
  ListenAddress,
  NameOptions,
  ProgramOptions as TunnelOptions,
  RequiredOptions,
  SharingOptions,
  SiteOptions,
  Size,
  StatusOptions,
  UpstreamOptions,
} from "./src/client/program/tunnel_options.ts";
export { testPlugin } from "./src/client/trial/test_plugin.ts";
export type {
  PluginTest,
  PluginTestOptions,
} from "./src/client/trial/test_plugin.ts";
export type {
  TestSocketClosing,
  TestSocketEnd,
  TestWebSocket,
  TestWebSocketOptions,
} from "./src/client/trial/test_socket.ts";
export { ClientError } from "./src/client/errors.ts";
export type { ClientErrorCode } from "./src/client/errors.ts";
export { ConfigError } from "./src/config/errors.ts";
export type { ConfigErrorCode } from "./src/config/errors.ts";
export { PacError } from "./src/pac/errors.ts";
export type {
  ClientSnapshot as TunnelStatus,
  ClientState as TunnelState,
  FailingPlugin,
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
export { ListenError } from "./src/net/listen/listen.ts";
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
} from "./src/plugin/api/context.ts";
export { PluginError } from "./src/plugin/api/errors.ts";
export type {
  OptionIssue,
  PluginErrorCode,
  PluginErrorOptions,
} from "./src/plugin/api/errors.ts";
export type { CallName, HookName } from "./src/plugin/api/hook_names.ts";
export type {
  Answer,
  EditableMessage,
  EditableRequest,
  EditableResponse,
  HeadersLike,
  MessageHeaders,
  NewBody,
  ReadLimits,
} from "./src/plugin/api/messages.ts";
export type { Match } from "./src/plugin/api/match.ts";
export type {
  SocketData,
  SocketEnd,
  SocketMessage,
} from "./src/plugin/api/socket_message.ts";
export type {
  FailurePolicy,
  PluginAllowance,
  PluginUse,
} from "./src/plugin/api/plugin_use.ts";
export type { PluginLogLine } from "./src/plugin/host/load_plugin.ts";
export type {
  ConnectElsewhere,
  ConnectRefusal,
  ConnectTarget,
  OptionsOf,
  Plugin,
  TunnelChange,
} from "./src/plugin/api/plugin.ts";
export type { PortRange } from "./src/config/options/port_config.ts";
export type { DirectMode } from "./src/server/proxy/direct_proxy.ts";
export type { Credentials } from "./src/server/accounts/accounts.ts";
export { CertificateError } from "./src/server/tls/certificates.ts";
export type { ServerOptions } from "./src/server/options.ts";
export type { ExternalAddresses } from "./src/server/ports/advertise.ts";
export type {
  ForwardingFields,
  ProxyProtocolMode,
} from "./src/net/listen/trusted_proxies.ts";
export type { AcmeOptions } from "./src/server/acme/options.ts";
export type { ExternalAccount } from "./src/server/acme/account_key.ts";
export type { PollOptions } from "./src/server/acme/order_certificate.ts";
export type { GroupRole, GroupRule } from "./src/config/values/group_rule.ts";
export type { ProxyAddress } from "./src/net/address/proxy_address.ts";
export type { OidcOptions } from "./src/server/web/oidc/provider.ts";
export { type CaInfo, type Server, startServer } from "./src/server/server.ts";
export type { Running } from "./src/async/running.ts";
