/**
 * A REST API over real accounts and a real registry, without sockets.
 *
 * @module
 */
import { advertiseWith } from "./advertised.ts";
import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../src/http/basic_credentials.ts";
import {
  KEY_SCOPES,
  type KeyScope,
} from "../../src/api/resources/account_types.ts";
import type { ErrorReply } from "../../src/api/resources/tunnel_replies.ts";
import { errorReply } from "../../src/api/resources/tunnel_replies.ts";
import {
  type CreatedTunnelReply,
  createdTunnelReply,
} from "../../src/api/resources/tunnel_resource.ts";
import {
  type Accounts,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import { TunnelController } from "../../src/server/tunnels/controller.ts";
import { LoginGuard } from "../../src/server/accounts/login_guard.ts";
import { organizationLimits } from "../../src/server/tunnels/organization_limit.ts";
import { TunnelRegistry } from "../../src/server/tunnels/registry.ts";
import {
  type RequestLimits,
  requestLimits,
} from "../../src/server/rest/request_limits.ts";
import type { ProbeResult } from "../../src/server/proxy/probe.ts";
import { createRestApi } from "../../src/server/rest/rest_api.ts";
import type { Tunnel } from "../../src/server/tunnels/tunnel.ts";
import { FakeSession } from "./fake_session.ts";
import { ManualClock } from "./manual_clock.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

/** What the API gives out as the CA for test browsers. */
export const BROWSER_CA =
  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/** One request; what is not given is ordinary. */
export interface Call {
  readonly method?: string;
  readonly user?: string;
  readonly key?: string;
  /** With a key of Ann's that has this scope. */
  readonly scope?: KeyScope;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from?: string;
}

/** The server's REST API with the users `ann` and `bob`, whose keys are their names. */
export class RestWorld implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  readonly accounts: Accounts;
  readonly registry: TunnelRegistry = new TunnelRegistry({
    now: () => this.clock.now(),
  });
  readonly controller: TunnelController;
  probeResult: ProbeResult = { ok: true, durationMs: 12.5 };
  externalHost: string | undefined;
  /** Whether the server takes nothing new any more. */
  isStopping = false;
  readonly #guard: LoginGuard;
  readonly #keys = new Map<KeyScope, string>();
  /** No test comes near the usual limits. */
  limits: RequestLimits = requestLimits();

  private constructor(now: (() => number) | undefined) {
    this.accounts = openAccounts(":memory:", {
      cost: CHEAP,
      ...now === undefined ? {} : { now },
    });
    this.controller = new TunnelController(this.registry, {
      clock: this.clock,
      maxTunnelsPerOwner: 3,
      audit: this.accounts.audit,
      limitOf: organizationLimits(this.accounts),
    });
    this.#guard = new LoginGuard(this.accounts, {
      now: () => this.clock.now(),
    });
  }

  /** Opens one; `now` is what accounts and audit log go by. */
  static async open(
    { now }: { readonly now?: () => number } = {},
  ): Promise<RestWorld> {
    const world = new RestWorld(now);
    await world.accounts.addUser("ann", { role: "member" });
    await world.accounts.bootstrap([
      { name: "ann", key: "ann" },
      { name: "bob", key: "bob" },
    ]);
    for (const scope of KEY_SCOPES) {
      const key = await world.accounts.addKey("ann", { name: scope, scope });
      world.#keys.set(scope, key);
    }
    return world;
  }

  /** Sends a request to `https://lab.test:8443/rest/v1/…` as Ann. */
  async call(
    path: string,
    { method = "GET", user = "ann", body, headers, from, ...call }: Call = {},
  ): Promise<Response> {
    const scoped = call.scope && this.#keys.get(call.scope);
    const key = scoped ?? call.key ?? user;
    return await this.#app().request(
      `https://lab.test:8443/rest/v1/${path}`,
      {
        method,
        headers: {
          "Authorization": formatBasicCredentials({
            username: user,
            password: key,
          }),
          ...body === undefined ? {} : { "Content-Type": "application/json" },
          ...headers,
        },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      },
      { remoteAddress: from ?? "192.0.2.7" },
    );
  }

  /** Sends a request whose path, query and headers are all there is, without credentials. */
  async anonymous(path: string, init: RequestInit = {}): Promise<Response> {
    return await this.#app().request(
      `https://lab.test:8443/rest/v1/${path}`,
      init,
      { remoteAddress: "192.0.2.7" },
    );
  }

  /** All routes as `GET /rest/v1/:user/tunnels`. */
  routes(): readonly string[] {
    return this.#app().routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** Creates a tunnel by the API. */
  async create(
    name: string,
    { user = "ann", ...fields }: {
      user?: string;
      tunnel_pool?: boolean;
      shared?: "all";
    } = {},
  ): Promise<CreatedTunnelReply> {
    const response = await this.call(`${user}/tunnels`, {
      method: "POST",
      user,
      body: { tunnel_identifier: name, ...fields },
    });
    assert.equal(response.status, 201);
    return createdTunnelReply.parse(await response.json());
  }

  /** The tunnel behind an id. */
  tunnel(id: string): Tunnel {
    const tunnel = this.registry.get(id);
    assert.ok(tunnel);
    return tunnel;
  }

  /** Attaches a session with so many exchanges to a tunnel. */
  connect(id: string, openExchanges = 0): FakeSession {
    const session = new FakeSession();
    session.openExchanges = openExchanges;
    this.tunnel(id).attach(session);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.controller[Symbol.asyncDispose]();
    this.accounts[Symbol.dispose]();
  }

  #app(): ReturnType<typeof createRestApi> {
    return createRestApi({
      accounts: this.accounts,
      registry: this.registry,
      controller: this.controller,
      guard: this.#guard,
      limits: this.limits,
      isStopping: () => this.isStopping,
      probe: () => Promise.resolve(this.probeResult),
      advertise: advertiseWith({ externalHost: this.externalHost }),
      version: "1.2.3",
      browserCaPem: () => BROWSER_CA,
    });
  }
}

/** Asserts an error reply and gives its sentence. */
export async function errorOf(
  response: Response,
  status: number,
): Promise<string> {
  assert.equal(response.status, status);
  assert.match(
    response.headers.get("content-type") ?? "",
    /^application\/json/,
  );
  const { error }: ErrorReply = errorReply.parse(await response.json());
  return error;
}
