/**
 * Requests that go past the tunnel: the server reaches the site itself.
 *
 * It does so for every user, so it must be no door into its own network: unless
 * told otherwise only public addresses that are not its own are reached, at the
 * ports of the web, and link-local and metadata addresses never. Whatever it
 * does not reach has one answer: nobody learns which names there are.
 *
 * @module
 */
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

/** What the server reaches itself: nothing, public addresses, or all that it can. */
export type DirectMode = "none" | "public" | "all";

/** Ports of the web. */
const WEB_PORTS: readonly number[] = [80, 443];

/** What would tell whether a name is there, or how it was read. */
const TELLING: ReadonlySet<ProxyErrorCode> = new Set([
  "directDenied",
  "nameNotFound",
  "nameServerFailed",
  "localhostDenied",
  "addressDenied",
]);

/** What the proxy works with. */
export interface DirectProxyOptions {
  readonly mode: DirectMode;
  /** Which ports of sites it reaches; those of the web unless given, all in the mode `all`. */
  readonly ports?: readonly number[] | "all" | undefined;
  /** The name or address that the server goes by, if it was told one. */
  readonly externalHost?: string | undefined;
  /** From names to addresses; as the system says unless given. */
  readonly resolve?: NameResolver;
  /** Addresses of this machine; as the system says unless given. */
  readonly interfaces?: () => readonly string[];
}

/** Makes the proxy for requests that go past the tunnel. */
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
      throw mode === "public" && TELLING.has(error.code)
        ? denied(request)
        : error;
    }
  };
  return { ...forwarder, roundTrip: guard(forwarder.roundTrip) };
}

/** A resolver that gives public addresses that are not the server's own. @throws {ProxyError} From the resolver: `directDenied`. */
function onlyPublic(resolve: NameResolver, own: OwnAddresses): NameResolver {
  return async function resolvePublic(hostname, signal, exchangeId) {
    // Before the name is looked up: that it fails tells nothing of the name.
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
