// Requests that go past the tunnel: the server reaches the site itself.
//
// Every user can make it do so, so it must not give access to its own network.
// By default it reaches only public addresses that are not its own, at the ports
// of the web. Link-local and metadata addresses are never reached. All refusals
// look alike, so that nobody learns which names exist.
import type { Handler, ProxyRequest } from "../../http/exchange.ts";
import { canonicalIp, isPublicIp } from "../../net/address/address.ts";
import {
  createNameResolver,
  type NameResolver,
} from "../../net/names/name_resolver.ts";
import { ProxyError, type ProxyErrorCode } from "../../proxy/errors/errors.ts";
import { originOf } from "../../proxy/origin.ts";
import { createForwarder, type Forwarder } from "../../proxy/forwarder.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import { OwnAddresses } from "./own_addresses.ts";

/** What the server reaches itself: nothing, public addresses, or everything. */
export type DirectMode = "none" | "public" | "all";

const WEB_PORTS: readonly number[] = [80, 443];

/** Errors that would reveal whether a name exists, or what it resolves to. */
const REVEALING: ReadonlySet<ProxyErrorCode> = new Set([
  "directDenied",
  "nameNotFound",
  "nameServerFailed",
  "localhostDenied",
  "addressDenied",
]);

/** Options of {@linkcode createDirectProxy}. */
export interface DirectProxyOptions {
  readonly mode: DirectMode;
  /** Ports of sites that it reaches. Default 80 and 443; all in the mode `all`. */
  readonly ports?: readonly number[] | "all" | undefined;
  /** External names and addresses of the server. */
  readonly externalHosts?: readonly string[] | undefined;
  /** Resolves names; by default as the system does. */
  readonly resolve?: NameResolver;
  /** Addresses of this machine; by default those of its interfaces. */
  readonly interfaces?: () => readonly string[];
}

/** Creates the proxy for requests that go past the tunnel. */
export function createDirectProxy(
  { mode, resolve = createNameResolver({}), ...options }: DirectProxyOptions,
): Forwarder {
  const { ports = mode === "all" ? "all" : WEB_PORTS } = options;
  const own = new OwnAddresses({ ...options, resolve });
  const forwarder = createForwarder({
    resolve: mode === "all" ? resolve : onlyPublic(resolve, own),
    localhost: mode === "all" ? "allow" : "deny",
  });
  const guard = (handler: Handler): Handler => async (request, context) => {
    const isPort = ports === "all" || ports.includes(originOf(request).port);
    if (mode === "none" || !isPort) throw denied(request);
    try {
      return await handler(request, context);
    } catch (cause) {
      const error = toProxyError(cause, request);
      throw mode === "public" && REVEALING.has(error.code)
        ? denied(request)
        : error;
    }
  };
  return { ...forwarder, roundTrip: guard(forwarder.roundTrip) };
}

/** Resolves names to public addresses that are not the server's own. @throws {ProxyError} From the resolver: `directDenied`. */
function onlyPublic(resolve: NameResolver, own: OwnAddresses): NameResolver {
  return async function resolvePublic(hostname, signal, exchangeId) {
    // Before the look-up, so that its failure reveals nothing about the name.
    const owned = await own.list();
    const found = await resolve(hostname, signal, exchangeId);
    if (found === undefined) return undefined;
    const isFree = found.addresses.every((ip) =>
      isPublicIp(ip) && !owned.has(canonicalIp(ip))
    );
    if (isFree) return found;
    throw new ProxyError("directDenied", hostname);
  };
}

function denied(request: ProxyRequest): ProxyError {
  return new ProxyError("directDenied", originOf(request).hostname);
}
