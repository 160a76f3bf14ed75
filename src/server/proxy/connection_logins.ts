// The logins of one connection of a browser. Over HTTP/1.1 the last one counts:
// requests come one after the other. Over HTTP/2 requests with several logins
// run at the same time, and each has to hold.
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { AlpnProtocol } from "../../net/tls/tls_terminator.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import type {
  PermissionWatcher,
  WatchedConnection,
} from "../accounts/permission_watcher.ts";
import type {
  Authorization,
  Authorizer,
  ConnectionAuthorizer,
} from "./authorize.ts";

/**
 * How long an authorization is reused on a keep-alive connection, in
 * milliseconds. A removed user is out after that time; checking every request
 * would cost more than the request.
 */
const AUTHORIZATION_LIFETIME = 10_000;

/**
 * Logins of one HTTP/2 connection. A browser has one, a gateway in front of
 * many has one for each user and tunnel. Each is a text of up to some kilobytes
 * and is watched until the connection ends.
 */
const MAX_LOGINS = 64;

/** What logins are made for. */
export interface ConnectionLoginsOptions {
  readonly conn: Pick<AcceptedConnection, "address" | "admit" | "close">;
  /** What the connection speaks. */
  readonly protocol: AlpnProtocol;
  readonly authorize: Authorizer;
  /** Closes the connection when a permission ends; by default none is closed. */
  readonly watch?: Pick<PermissionWatcher, "enter"> | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** The logins of one connection. Dispose it when the connection has ended. */
export interface ConnectionLogins extends Disposable {
  /** Browsers repeat their credentials with every request: the same text is not checked again within a short time. */
  readonly authorize: ConnectionAuthorizer;
}

interface Login {
  readonly pass: WatchedConnection | undefined;
  authorization: Authorization | undefined;
  checkedAt: number;
}

/** Makes the logins of a connection. */
export function connectionLogins(
  { conn, protocol, authorize, watch, now = () => performance.now() }:
    ConnectionLoginsOptions,
): ConnectionLogins {
  const logins = new Map<string | undefined, Login>();
  const enter = () => watch?.enter(() => conn.close());
  // Counted at once: over HTTP/1.1 it is there before the first login.
  const pass = protocol === "h2" ? undefined : enter();
  let isOver = false;
  return {
    async authorize(credentials, signal) {
      const known = logins.get(credentials);
      if (known?.authorization !== undefined) {
        const age = now() - known.checkedAt;
        if (age < AUTHORIZATION_LIFETIME) return known.authorization;
        known.authorization = undefined;
      }
      // As before a wrong login: what it follows is checked again.
      if (protocol !== "h2") logins.clear();
      const found = await authorize(credentials, conn.address, signal);
      // The peer may have left meanwhile: nothing is watched then.
      if (isOver) return found;
      const login = logins.get(credentials) ?? newLogin(credentials);
      login.authorization = found;
      login.checkedAt = now();
      login.pass?.allow(found.permit);
      conn.admit();
      return found;
    },
    [Symbol.dispose]() {
      isOver = true;
      pass?.[Symbol.dispose]();
      for (const login of logins.values()) login.pass?.[Symbol.dispose]();
      logins.clear();
    },
  };

  function newLogin(credentials: string | undefined): Login {
    if (logins.size >= MAX_LOGINS) throw new ProxyError("tooManyLogins", "");
    const login: Login = {
      pass: pass ?? enter(),
      authorization: undefined,
      checkedAt: 0,
    };
    logins.set(credentials, login);
    return login;
  }
}
