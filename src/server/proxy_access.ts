/**
 * Who may use which tunnel through the proxy port: reads the credentials of a
 * browser and finds the tunnels they open.
 *
 * A user name is `<user>+<tunnel name>`, perhaps with `;job=<job>` behind it, of a tunnel of that user or of one that
 * is shared. The password is the user's access key or, for their own tunnel, its
 * proxy password, which opens that tunnel and nothing else.
 *
 * @module
 */
import { parseBasicCredentials } from "../api/basic_auth.ts";
import type { AddressRanges } from "../net/address_ranges.ts";
import { ProxyError } from "../proxy/errors.ts";
import type { LoginGuard } from "./login_guard.ts";
import type { Prober } from "./probe.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** What the credentials opened. */
export interface ProxyGrant {
  /** The tunnels, as they are now. @throws {ProxyError} `noSuchTunnel`. */
  tunnels(): readonly Tunnel[];
  /** The job that the user name speaks of. */
  readonly job?: string | undefined;
}

/**
 * Finds out what a browser may use.
 *
 * @param authorization The value of its Proxy-Authorization field.
 * @param address The IP address that asks.
 * @throws {ProxyError} When it may use nothing.
 */
export type Admit = (
  authorization: string | undefined,
  address: string,
) => Promise<ProxyGrant>;

/** What may follow the name of a tunnel in a user name. */
const WITH_JOB = /^(.+);job=([!-9;-~]{1,128})$/;

/** Where credentials are checked. */
export interface ProxyAccessOptions {
  readonly guard: LoginGuard;
  readonly registry: TunnelRegistry;
  readonly prober: Prober;
}

/**
 * Checks the value of a Proxy-Authorization field.
 *
 * Somebody without the right key learns nothing about which tunnels exist: a
 * wrong password and an unknown tunnel look the same.
 *
 * @param address The IP address that asks.
 * @returns A grant, which opens nothing while no tunnel of that name is running.
 * @throws {ProxyError} `credentialsMissing`, `credentialsWrong`, `throttled`.
 */
export async function checkProxyAccess(
  authorization: string | undefined,
  address: string,
  { guard, registry, prober }: ProxyAccessOptions,
): Promise<ProxyGrant> {
  const credentials = parseBasicCredentials(authorization);
  if (credentials === undefined) throw new ProxyError("credentialsMissing", "");
  const { username, password } = credentials;
  const probed = prober.tunnelIdOf(username, password);
  if (probed !== undefined) {
    return { tunnels: () => live(registry.get(probed), probed) };
  }
  const plus = username.indexOf("+");
  if (plus < 1) throw new ProxyError("credentialsWrong", username);
  const user = username.slice(0, plus);
  const { name, job } = nameAndJob(user, username.slice(plus + 1), registry);
  const opened = registry.find(user, name)
    .some((tunnel) => tunnel.acceptsProxyPassword(password));
  if (!opened) {
    const login = await guard.check({ username: user, password }, address);
    if (login === "throttled") throw new ProxyError("throttled", username);
    if (login === "refused") throw new ProxyError("credentialsWrong", username);
  }
  return {
    job,
    tunnels: () => running(reachableBy(user, name, registry), name),
  };
}

/**
 * Admits those at certain addresses, without credentials, to the tunnels of one
 * name that want a port of their own. Jobs can be named in a field only.
 */
export function openAccess(
  { owner, name }: { readonly owner: string; readonly name: string },
  { registry, allowed }: {
    readonly registry: TunnelRegistry;
    readonly allowed: AddressRanges;
  },
): Admit {
  return (_authorization, address) => {
    if (!allowed.has(address)) {
      return Promise.reject(new ProxyError("askerDenied", address));
    }
    const wanted = () =>
      registry.find(owner, name).filter(({ wantsPort }) => wantsPort);
    return Promise.resolve({ tunnels: () => running(wanted(), name) });
  };
}

/** A tunnel may have a name that looks as if a job were in it. */
function nameAndJob(
  user: string,
  text: string,
  registry: TunnelRegistry,
): { readonly name: string; readonly job?: string | undefined } {
  const [, name, job] = WITH_JOB.exec(text) ?? [];
  const isName = name === undefined ||
    reachableBy(user, text, registry).length > 0;
  return isName ? { name: text } : { name, job };
}

/**
 * The user's own tunnels of that name; without any, those that others share
 * with everybody, as `<tunnel name>` or, where two share one, as
 * `<owner>+<tunnel name>`.
 */
function reachableBy(
  user: string,
  name: string,
  registry: TunnelRegistry,
): readonly Tunnel[] {
  const own = registry.find(user, name);
  if (own.length > 0) return own;
  const shared = registry.list().filter((tunnel) =>
    tunnel.shared === "all" &&
    (tunnel.name === name || `${tunnel.owner}+${tunnel.name}` === name)
  );
  const owner = shared[0]?.owner;
  return shared.every((tunnel) => tunnel.owner === owner) ? shared : [];
}

function live(tunnel: Tunnel | undefined, id: string): readonly Tunnel[] {
  return running(tunnel === undefined ? [] : [tunnel], id);
}

function running(tunnels: readonly Tunnel[], name: string): readonly Tunnel[] {
  const found = tunnels.filter((tunnel) => !tunnel.isStopping);
  if (found.length === 0) throw new ProxyError("noSuchTunnel", name);
  return found;
}
