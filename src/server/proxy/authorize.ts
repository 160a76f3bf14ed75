/**
 * Who may use which tunnel through the proxy port: reads the credentials of a
 * browser and finds the tunnels they open.
 *
 * A user name is `<user>+<tunnel name>`, perhaps with `;job=<job>` behind it, of a tunnel of that user or of one that
 * shared in the user's organization. The password is the user's access key or, for their own tunnel, its
 * proxy password, which opens that tunnel and nothing else.
 *
 * @module
 */
import { parseBasicCredentials } from "../../api/serving/basic_auth.ts";
import type { AddressRanges } from "../../net/address/address_ranges.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import type { VerifiedKey } from "../accounts/accounts.ts";
import type { LoginGuard } from "../accounts/login_guard.ts";
import type { FirstUses } from "../accounts/audit_first_uses.ts";
import type { Prober } from "./probe.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import { type Directory, Rights } from "../accounts/permissions.ts";
import { KeyPermit, PROXY_SCOPES } from "../accounts/key_permit.ts";
import type { Permit } from "../accounts/permission_watcher.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** What the credentials opened. */
export interface Authorization {
  /** The tunnels, as they are now. @throws {ProxyError} `noSuchTunnel`. */
  tunnels(): readonly Tunnel[];
  /** The job that the user name speaks of. */
  readonly job?: string | undefined;
  /** Whether they open it still; without one they do as long as the tunnel is there. */
  readonly permit?: Permit | undefined;
}

/**
 * Finds out what a browser may use.
 *
 * @param authorization The value of its Proxy-Authorization field.
 * @param address The IP address that asks.
 * @param signal Aborted when the browser has left.
 * @throws {ProxyError} When it may use nothing.
 */
export type Authorizer = (
  authorization: string | undefined,
  address: string,
  signal?: AbortSignal,
) => Promise<Authorization>;

/** What may follow the name of a tunnel in a user name. */
const WITH_JOB = /^(.+);job=([!-9;-~]{1,128})$/;

/** Where credentials are checked. */
export interface AuthorizeOptions {
  readonly guard: LoginGuard;
  readonly registry: TunnelRegistry;
  readonly prober: Prober;
  /** Where users belong. */
  readonly accounts: Directory;
  /** Is told of every use of a tunnel that is another user's. */
  readonly uses?: Pick<FirstUses, "note">;
}

/**
 * Checks the value of a Proxy-Authorization field.
 *
 * Somebody without the right key learns nothing about which tunnels exist: a
 * wrong password and an unknown tunnel look the same.
 *
 * @param asker The IP address that asks, and a signal that is aborted when it has left.
 * @returns A grant, which opens nothing while no tunnel of that name is running.
 * @throws {ProxyError} `credentialsMissing`, `credentialsWrong`, `throttled`, `loginsBusy`, `scopeDenied`.
 */
export async function authorizeByCredentials(
  authorization: string | undefined,
  { address, signal }: {
    readonly address: string;
    readonly signal?: AbortSignal | undefined;
  },
  { guard, registry, prober, accounts, uses }: AuthorizeOptions,
): Promise<Authorization> {
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
  const wanted = username.slice(plus + 1);
  const own = nameAndJob(wanted, (name) => registry.find(user, name));
  const isTheirs = (tunnel: Tunnel) => tunnel.acceptsProxyPassword(password);
  if (registry.find(user, own.name).some(isTheirs)) {
    // And nothing that others share, should it end.
    return {
      job: own.job,
      permit: { holds: () => registry.find(user, own.name).some(isTheirs) },
      tunnels: () => running(registry.find(user, own.name), own.name),
    };
  }
  const key = await checkKey(
    { user, username, password, address, signal },
    guard,
  );
  // After the wait, in which the user may have been moved. They hold for the
  // life of the grant, which is seconds: nobody is looked up again.
  const rights = new Rights(user, accounts);
  const reachable = (name: string) =>
    reachableBy({ user, rights, name }, { registry, accounts });
  const { name, job } = nameAndJob(wanted, reachable);
  const by = { user, key: key.name, address };
  const permit = new KeyPermit(user, key);
  return {
    job,
    permit,
    tunnels() {
      const found = running(reachable(name), name);
      permit.noteUse(found);
      const owner = found[0]?.owner ?? user;
      if (owner !== user) uses?.note({ by, owner, name: found[0]?.name ?? "" });
      return found;
    },
  };
}

/**
 * The key that the password is.
 *
 * @throws {ProxyError} When it is none of the user's, or does not open the proxy.
 */
async function checkKey(
  { user, username, password, address, signal }: {
    readonly user: string;
    readonly username: string;
    readonly password: string;
    readonly address: string;
    readonly signal: AbortSignal | undefined;
  },
  guard: LoginGuard,
): Promise<VerifiedKey> {
  const credentials = { username: user, password };
  const login = await guard.check(credentials, address, signal);
  switch (login.outcome) {
    case "throttled":
      throw new ProxyError("throttled", username);
    case "busy":
      throw new ProxyError("loginsBusy", username);
    case "refused":
      throw new ProxyError("credentialsWrong", username);
    case "accepted":
      // Whoever has the key may know what it is for: nothing else is told.
      if (PROXY_SCOPES.includes(login.key.scope)) return login.key;
      throw new ProxyError("scopeDenied", username);
    default:
      return login satisfies never;
  }
}

/**
 * Admits those at certain addresses, without credentials, to the tunnels of one
 * name that want a port of their own, as long as their owner is of that
 * organization. Jobs can be named in a field only.
 */
export function authorizeByAddress(
  { organization, owner, name }: {
    readonly organization: string;
    readonly owner: string;
    readonly name: string;
  },
  { registry, allowed }: {
    readonly registry: TunnelRegistry;
    readonly allowed: AddressRanges;
  },
): Authorizer {
  return (_authorization, address) => {
    if (!allowed.has(address)) {
      return Promise.reject(new ProxyError("askerDenied", address));
    }
    const wanted = () =>
      registry.find(owner, name).filter(({ wantsPort }) => wantsPort);
    return Promise.resolve({
      permit: { holds: (look) => look.organizationOf(owner) === organization },
      tunnels: () => running(wanted(), name),
    });
  };
}

/** A tunnel may have a name that looks as if a job were in it. */
function nameAndJob(
  text: string,
  reachable: (name: string) => readonly Tunnel[],
): { readonly name: string; readonly job?: string | undefined } {
  const [, name, job] = WITH_JOB.exec(text) ?? [];
  const isName = name === undefined || reachable(text).length > 0;
  return isName ? { name: text } : { name, job };
}

/**
 * The user's own tunnels of that name; without any, those that others of the
 * organization share, as `<tunnel name>` or, where two share one, as
 * `<owner>+<tunnel name>`.
 */
function reachableBy(
  { user, rights, name }: {
    readonly user: string;
    readonly rights: Rights;
    readonly name: string;
  },
  { registry, accounts }: Pick<AuthorizeOptions, "registry" | "accounts">,
): readonly Tunnel[] {
  const own = registry.find(user, name);
  if (own.length > 0) return own;
  // Others may call theirs as if it were that user's.
  const isOfUser = accounts.findUser(name.split("+", 1)[0] ?? "") !== undefined;
  const shared = registry.list().filter((tunnel) =>
    tunnel.shared === "all" &&
    (`${tunnel.owner}+${tunnel.name}` === name ||
      tunnel.name === name && !(isOfUser && name.includes("+"))) &&
    rights.mayUse(tunnel)
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
