// deno-lint-ignore-file camelcase -- the provider's words
/**
 * An identity provider (OpenID Connect) on loopback. It signs in the person
 * that the test names, without a form: the browser only follows its redirects.
 *
 * @module
 */
import { createServer, type RequestListener, type Server } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import Provider from "oidc-provider";
import type { OidcOptions } from "../../src/server/web/oidc/provider.ts";

const CLIENT = {
  id: "sallyport-test",
  secret: "a-secret-of-the-test",
} as const;
const SCOPES = ["openid", "profile", "offline_access"] as const;
const LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

/** All providers of one process sign with the same key. */
let KEY: Promise<SigningKey> | undefined;

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return privateKey;
}

/** Somebody whom the provider signs in. */
export interface Person {
  readonly subject: string;
  /** What it says of them besides. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A person in these groups. */
export function person(name: string, ...groups: readonly string[]): Person {
  const claims = { preferred_username: name, groups };
  return { subject: `subject-of-${name}`, claims };
}

/** What may be different. */
export interface IdentityProviderOptions {
  /** Seconds until an ID token ends; an hour by default. */
  readonly idTokenSeconds?: number;
  /** Whether it gives refresh tokens; it does by default. */
  readonly hasRefreshTokens?: boolean;
  /** Whether browsers can sign out there; they can by default. */
  readonly hasSignOut?: boolean;
}

/** The provider. Disposing it closes its port. */
export class TestIdentityProvider implements AsyncDisposable {
  readonly issuer: string;
  /** Who signs in next; nobody is let in while it is `undefined`. */
  person: Person | undefined;
  /** Where logout tokens of its own sign-out go; nowhere by default. */
  logoutTo: { readonly url: string; readonly ca: string } | undefined;
  /** What it was asked: method and path. */
  readonly requests: string[] = [];
  /** The secret that it expects of the server. */
  static readonly secret: string = CLIENT.secret;
  readonly #server: Server;
  readonly #key: SigningKey;

  private constructor(server: Server, issuer: string, key: SigningKey) {
    this.#server = server;
    this.issuer = issuer;
    this.#key = key;
  }

  /** Starts one. @param port To come back at; by default a free one. */
  static async start(
    options: IdentityProviderOptions = {},
    port: number = 0,
  ): Promise<TestIdentityProvider> {
    const privateKey = await (KEY ??= makeKey());
    const jwk = { ...await exportJWK(privateKey), use: "sig", kid: "test" };
    let listener: RequestListener = () => {};
    const server = createServer((request, response) =>
      listener(request, response)
    );
    const issuer = await listen(server, port);
    const provider = new TestIdentityProvider(server, issuer, privateKey);
    listener = provider.#listener(jwk, options);
    return provider;
  }

  /** The options of a server that uses it. */
  options(changes: Partial<OidcOptions> = {}): OidcOptions {
    return {
      issuer: this.issuer,
      clientId: CLIENT.id,
      readClientSecret: () => Promise.resolve(CLIENT.secret),
      scopes: ["profile"],
      userClaim: "preferred_username",
      groupsClaim: "groups",
      groups: [
        rule("admins", "admin"),
        { ...rule("web-testers", "member"), team: "web" },
        rule("testers", "member"),
      ],
      ...changes,
    };
  }

  /** A logout token of it. @param changes Claims that are different. */
  async logoutToken(changes: Record<string, unknown> = {}): Promise<string> {
    const claims = {
      iss: this.issuer,
      aud: CLIENT.id,
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 120,
      jti: crypto.randomUUID(),
      sub: this.person?.subject ?? "",
      events: { [LOGOUT]: {} },
      ...changes,
    };
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "test", typ: "logout+jwt" })
      .sign(this.#key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #listener(jwk: JWK, options: IdentityProviderOptions): RequestListener {
    const provider = new Provider(
      this.issuer,
      this.#configuration(jwk, options),
    );
    provider.Client.prototype.redirectUriAllowed = () => true;
    provider.Client.prototype.postLogoutRedirectUriAllowed = () => true;
    const callback = provider.callback();
    return async (request, response) => {
      const { pathname } = new URL(request.url ?? "", this.issuer);
      this.requests.push(`${request.method} ${pathname}`);
      if (!pathname.startsWith("/interaction/")) {
        return callback(request, response);
      }
      const result = this.person === undefined
        ? { error: "access_denied", error_description: "not you" }
        : { login: { accountId: this.person.subject } };
      await provider.interactionFinished(request, response, result);
    };
  }

  #configuration(jwk: JWK, options: IdentityProviderOptions): object {
    const {
      idTokenSeconds = 3600,
      hasRefreshTokens = true,
      hasSignOut = true,
    } = options;
    return {
      clients: [{
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        id_token_signed_response_alg: "ES256",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: ["https://sallyport.test/login/oidc/callback"],
        backchannel_logout_uri: "https://sallyport.test/login/oidc/logout",
        backchannel_logout_session_required: true,
      }],
      jwks: { keys: [jwk] },
      cookies: { keys: [crypto.randomUUID()] },
      scopes: SCOPES,
      claims: {
        openid: ["sub", "sid"],
        profile: ["preferred_username", "groups"],
      },
      conformIdTokenClaims: false,
      interactions: {
        url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}`,
      },
      issueRefreshToken: () => hasRefreshTokens,
      findAccount: (_: unknown, subject: string) => ({
        accountId: subject,
        claims: () => ({ sub: subject, ...this.person?.claims }),
      }),
      loadExistingGrant: grantAll,
      ttl: {
        AccessToken: 3600,
        AuthorizationCode: 60,
        Grant: 3600,
        IdToken: idTokenSeconds,
        Interaction: 600,
        RefreshToken: 3600,
        Session: 3600,
      },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: hasSignOut,
          logoutSource,
          postLogoutSuccessSource: signedOut,
        },
      },
      fetch: (_: string, init: RequestInit) => this.#sendLogout(init),
    };
  }

  /** Its own logout tokens reach the server wherever it listens. */
  async #sendLogout(init: RequestInit): Promise<Response> {
    if (this.logoutTo === undefined) return new Response(null, { status: 200 });
    const { url, ca } = this.logoutTo;
    using client = Deno.createHttpClient({ caCerts: [ca] });
    const response = await fetch(`${url}login/oidc/logout`, {
      ...init,
      client,
    });
    await response.body?.cancel();
    return response;
  }
}

function rule(
  group: string,
  role: "admin" | "member",
): OidcOptions["groups"][number] {
  return { group, role, organization: undefined, team: undefined };
}

async function listen(server: Server, port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, "127.0.0.1", () => resolve());
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("The provider has no port");
  }
  return `http://127.0.0.1:${address.port}`;
}

/** Nobody is asked for consent. */
async function grantAll(
  // deno-lint-ignore no-explicit-any -- the package has no types
  { oidc }: any,
): Promise<unknown> {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  grant.addOIDCScope(SCOPES.join(" "));
  await grant.save();
  return grant;
}

/** Signs out at once, as providers do that know the session by its ID token. */
// deno-lint-ignore no-explicit-any -- the package has no types
function logoutSource(ctx: any, form: string): void {
  ctx.type = "html";
  ctx.body = `<!DOCTYPE html><title>Sign out</title>${
    form.replace(
      "</form>",
      '<button name="logout" value="yes">Yes</button></form>',
    )
  }`;
}

// deno-lint-ignore no-explicit-any -- the package has no types
function signedOut(ctx: any): void {
  ctx.body = "signed out";
}
