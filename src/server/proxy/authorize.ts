// Which tunnels a browser may use.
//
// Its user name is `<user>+<tunnel name>`, perhaps followed by `;job=<job>`. The
// tunnel is that user's, or one shared in the user's organization. The password
// is the user's access key. For the user's own tunnel it may be the tunnel's
// proxy password, which is good for that tunnel only.
import type { PoolName } from "./port_leases.ts";
import { parseBasicCredentials } from "../../http/basic_credentials.ts";
import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
  Sender,
} from "../../http/exchange.ts";
import type { AddressRanges } from "../../net/address/address_ranges.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import type { VerifiedKey } from "../accounts/accounts.ts";
import { expirySentence, type LoginGuard } from "../accounts/login_guard.ts";
import type { FirstUseAudit } from "../accounts/audit_first_uses.ts";
import { noteFailedTunnel } from "./failed_tunnel.ts";
import type { Prober } from "./probe.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import { Permissions, type UserDirectory } from "../accounts/permissions.ts";
import { KeyPermit, PROXY_SCOPES } from "../accounts/key_permit.ts";
import type { Permit } from "../accounts/permission_watcher.ts";
import { whenRulesCompiled } from "../tunnels/rules/compiled_rules.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import { type JobAffinity, takeJobField, validateJob } from "./job_affinity.ts";

/** What a browser may use. */
export interface Authorization {
  /** The tunnels, as they are now. @throws {ProxyError} `noSuchTunnel`. */
  tunnels(): readonly Tunnel[];
  /** The user whose credentials these are. */
  readonly user?: string | undefined;
  /** The job in the user name. */
  readonly job?: string | undefined;
  /** Tells whether the authorization still holds; by default it holds as long as the tunnel exists. */
  readonly permit?: Permit | undefined;
}

/**
 * Authorizes a browser.
 *
 * @param credentials The value of its Proxy-Authorization field.
 * @param address Its IP address.
 * @param signal Aborted when the browser has left.
 * @throws {ProxyError} When it may use nothing.
 */
export type Authorizer = (
  credentials: string | undefined,
  address: string,
  signal?: AbortSignal,
) => Promise<Authorization>;

/** Authorizes requests of one connection, as {@linkcode Authorizer} does. */
export type ConnectionAuthorizer = (
  credentials: string | undefined,
  signal?: AbortSignal,
) => Promise<Authorization>;

/** The tunnels that a request may use, and who it belongs to. */
export interface AuthorizedTunnels extends Sender {
  /** They share a name. */
  readonly tunnels: readonly Tunnel[];
}

/** Finds the tunnels of a request again: one may be gone. @throws {ProxyError} When none is left. */
export type Reauthorize = () => Promise<AuthorizedTunnels>;

/** What surrounds a request that is authorized. */
export interface AuthorizedContext extends ExchangeContext, AuthorizedTunnels {
  readonly reauthorize: Reauthorize;
}

/** Handles authorized requests. */
export type AuthorizedHandler = (
  request: ProxyRequest,
  context: AuthorizedContext,
) => Promise<ProxyResponse>;

/** What the step {@linkcode authorizeRequests} needs. */
export interface AuthorizeRequestsOptions {
  readonly authorize: ConnectionAuthorizer;
  /** Whether credentials are optional. */
  readonly allowAnonymous: boolean;
  readonly affinity: JobAffinity;
}

/** Finds the tunnels that a request may use, and removes credentials and job from it. Counts it for organization, user and job. */
export function authorizeRequests(
  next: AuthorizedHandler,
  { authorize, allowAnonymous, affinity }: AuthorizeRequestsOptions,
): Handler {
  return async function authorizing(request, context) {
    const credentials = request.fields.get("proxy-authorization");
    request.fields.delete("proxy-authorization");
    const jobField = takeJobField(request.fields);
    const reauthorize = async (): Promise<AuthorizedTunnels> => {
      const authorization = await authorize(credentials, context.signal);
      const job = validateJob(jobField) ?? authorization.job;
      const tunnels = affinity.of(job, authorization.tunnels());
      const compiled = whenRulesCompiled(tunnels);
      if (compiled !== undefined) await compiled;
      return { user: authorization.user, job, tunnels };
    };
    const authorized = await reauthorize();
    if (allowAnonymous) refuseOriginForm(request);
    return await counted(next, request, {
      ...context,
      ...authorized,
      reauthorize,
    });
  };
}

/** Authorizes each request inside a CONNECT as the CONNECT was; all belong to its job. */
export function authorizeAgain(
  next: AuthorizedHandler,
  reauthorize: Reauthorize,
): Handler {
  return async function authorizing(request, context) {
    takeJobField(request.fields);
    const authorized = await reauthorize();
    return await counted(next, request, {
      ...context,
      ...authorized,
      reauthorize,
    });
  };
}

/** Handles a request, and counts it for organization, user and job. */
async function counted(
  next: AuthorizedHandler,
  request: ProxyRequest,
  context: AuthorizedContext,
): Promise<ProxyResponse> {
  const { tally } = context.tunnels[0] ?? {};
  try {
    const response = await next(request, context);
    tally?.countRequest(response.status, context);
    return response;
  } catch (cause) {
    tally?.countRequest(statusOf(cause, request, context), context);
    noteFailedTunnel(cause, context);
    throw cause;
  }
}

/** The status that a failure will have. */
function statusOf(
  cause: unknown,
  request: ProxyRequest,
  { signal }: ExchangeContext,
): number {
  const error = signal.aborted
    ? new ProxyError("aborted", request.authority)
    : toProxyError(cause, request);
  return error.status;
}

/**
 * Refuses requests in the form that sites get (RFC 9112 §3.2.1). Any page can
 * make a browser send one to this port, by address or by a name that resolves
 * to it. Where credentials are required such a page has none. Where they are
 * not, it would reach the network of the client. No page can forge a request in
 * the form that proxies get.
 */
function refuseOriginForm(request: ProxyRequest): void {
  if (request.kind === "connect" || request.isOriginForm !== true) return;
  throw new ProxyError("originForm", request.authority);
}

/** A tunnel name and a job in a user name. */
const WITH_JOB = /^(.+);job=([!-9;-~]{1,128})$/;

/** Where credentials are checked. */
export interface AuthorizeOptions {
  readonly guard: LoginGuard;
  readonly registry: TunnelRegistry;
  readonly prober: Prober;
  /** The organization of each user. */
  readonly accounts: UserDirectory;
  /** Notified of each use of another user's tunnel. */
  readonly uses?: Pick<FirstUseAudit, "note">;
}

/**
 * Checks the value of a Proxy-Authorization field.
 *
 * A wrong password and an unknown tunnel have the same error, so that nobody
 * without the right key learns which tunnels exist.
 *
 * @param client Its IP address, and a signal that is aborted when it has left.
 * @returns An authorization; without a running tunnel of that name it has no tunnels.
 * @throws {ProxyError} `credentialsMissing`, `credentialsWrong`, `throttled`, `loginsBusy`, `scopeDenied`.
 */
export async function authorizeByCredentials(
  field: string | undefined,
  { address, signal }: {
    readonly address: string;
    readonly signal?: AbortSignal | undefined;
  },
  { guard, registry, prober, accounts, uses }: AuthorizeOptions,
): Promise<Authorization> {
  const credentials = parseBasicCredentials(field);
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
  const hasPassword = (tunnel: Tunnel) => tunnel.acceptsProxyPassword(password);
  if (registry.find(user, own.name).some(hasPassword)) {
    // Shared tunnels of that name do not take over when it ends.
    return {
      user,
      job: own.job,
      permit: { holds: () => registry.find(user, own.name).some(hasPassword) },
      tunnels: () => running(registry.find(user, own.name), own.name),
    };
  }
  const key = await checkKey(
    { user, username, password, address, signal },
    guard,
  ).catch((cause) => {
    for (const each of registry.find(user, own.name)) noteLogin(each, cause);
    throw cause;
  });
  // Only after the wait, in which the user may have been moved. The rights hold
  // for the life of the authorization, which is seconds, without a look-up.
  const rights = new Permissions(user, accounts);
  const reachable = (name: string) =>
    reachableBy({ user, rights, name }, { registry, accounts });
  const { name, job } = nameAndJob(wanted, reachable);
  const by = { user, key: key.name, address };
  const permit = new KeyPermit(user, key);
  return {
    user,
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
 * Finds the key that the password is.
 *
 * @throws {ProxyError} When the user has no such key, or it may not use the proxy.
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
      throw new ProxyError("credentialsWrong", username, {
        cause: causeOf(expirySentence(login)),
      });
    case "accepted":
      // The holder of a key may learn its scope, and nothing else.
      if (PROXY_SCOPES.includes(login.key.scope)) return login.key;
      throw new ProxyError("scopeDenied", username);
    default:
      return login satisfies never;
  }
}

/**
 * Notes a login that failed, so that the owner of the tunnel can tell who has a
 * wrong key. The sentence has no word of a stranger: there are few of them.
 */
function noteLogin({ failures, owner, name }: Tunnel, cause: unknown): void {
  if (!(cause instanceof ProxyError)) return;
  const error = new ProxyError(cause.code, `${owner}+${name}`);
  const { status, reason, message: sentence } = error;
  failures.groups.addLogin({ reason, sentence, status });
}

function causeOf(message: string | undefined): Error | undefined {
  return message === undefined ? undefined : new Error(message);
}

/**
 * Authorizes the clients at certain addresses, without credentials, for the
 * tunnels of one name that request a port of their own. It holds as long as
 * their owner belongs to the organization. A job can only be named in a field.
 */
export function authorizeByAddress(
  { organization, owner, name }: PoolName,
  { registry, allowed }: {
    readonly registry: TunnelRegistry;
    readonly allowed: AddressRanges;
  },
): Authorizer {
  return (_credentials, address) => {
    if (!allowed.has(address)) {
      return Promise.reject(new ProxyError("clientAddressDenied", address));
    }
    const wanted = () =>
      registry.find(owner, name).filter(({ wantsPort }) => wantsPort);
    return Promise.resolve({
      permit: { holds: (look) => look.organizationOf(owner) === organization },
      tunnels: () => running(wanted(), name),
    });
  };
}

/** Splits a tunnel name and a job, unless a tunnel has the whole text as its name. */
function nameAndJob(
  text: string,
  reachable: (name: string) => readonly Tunnel[],
): { readonly name: string; readonly job?: string | undefined } {
  const [, name, job] = WITH_JOB.exec(text) ?? [];
  const isName = name === undefined || reachable(text).length > 0;
  return isName ? { name: text } : { name, job };
}

/**
 * The user's own tunnels of that name. Without any, those that others of the
 * organization share: as `<tunnel name>` or, when two owners share one of that
 * name, as `<owner>+<tunnel name>`.
 */
function reachableBy(
  { user, rights, name }: {
    readonly user: string;
    readonly rights: Permissions;
    readonly name: string;
  },
  { registry, accounts }: Pick<AuthorizeOptions, "registry" | "accounts">,
): readonly Tunnel[] {
  const own = registry.find(user, name);
  if (own.length > 0) return own;
  // Another user's tunnel may have a name that looks like `<user>+<name>`.
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
