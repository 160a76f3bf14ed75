/** Who is at fault when a request fails. */
import type { ProxyErrorCode } from "./error_table.ts";

/** Who is at fault, in a word for people. */
export type Party =
  | "site"
  | "DNS"
  | "network"
  | "upstream proxy"
  | "PAC"
  | "plugin"
  | "rule"
  | "browser"
  | "client"
  | "server"
  | "Sallyport";

const PARTIES: Readonly<Record<ProxyErrorCode, Party>> = {
  nameNotFound: "DNS",
  nameServerFailed: "DNS",
  connectionRefused: "site",
  unreachable: "network",
  connectTimeout: "site",
  certificate: "site",
  notTls: "site",
  tlsFailed: "site",
  connectFailed: "site",
  localhostDenied: "rule",
  addressDenied: "rule",
  domainDenied: "rule",
  directDenied: "rule",
  outsideTimeFrame: "rule",
  viaLoop: "network",
  pluginRefused: "plugin",
  pluginFailed: "plugin",
  pluginNoRoom: "plugin",
  pacFailed: "PAC",
  responseTimeout: "site",
  originClosed: "site",
  badResponse: "site",
  responseTooLarge: "site",
  badRequest: "browser",
  badJob: "browser",
  misdirected: "browser",
  originForm: "browser",
  upgradeDeclined: "site",
  credentialsMissing: "browser",
  credentialsWrong: "browser",
  throttled: "browser",
  loginsBusy: "server",
  tooManyLogins: "browser",
  scopeDenied: "rule",
  clientAddressDenied: "rule",
  noSuchTunnel: "client",
  noSession: "client",
  tunnelFull: "rule",
  sessionLost: "network",
  requestTimeout: "browser",
  refusedByClient: "client",
  upstreamName: "upstream proxy",
  upstreamDial: "upstream proxy",
  upstreamTimeout: "upstream proxy",
  upstreamTls: "upstream proxy",
  upstreamProtocol: "upstream proxy",
  upstreamCredentials: "upstream proxy",
  aborted: "browser",
  unexpected: "Sallyport",
};

/** Who is at fault for a failure of this kind. */
export function partyOf(code: ProxyErrorCode): Party {
  return PARTIES[code];
}
