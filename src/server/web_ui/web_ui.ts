/**
 * The Tunnels page: who looks at it sees their tunnels, live.
 *
 * @module
 */
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { Problem, problemResponse } from "../../api/problem.ts";
import type { ApiEnv } from "../../api/serve.ts";
import type { Accounts } from "../accounts.ts";
import { authenticate, type UserEnv } from "../authentication.ts";
import { type Clock, systemClock } from "../clock.ts";
import { LoginGuard } from "../login_guard.ts";
import type { TunnelRegistry } from "../registry.ts";
import icon from "./icon.svg" with { type: "text" };
import { LiveFragment } from "./live_fragment.ts";
import { renderPage } from "./page.ts";
import css from "./page.css" with { type: "text" };
import script from "./page.js" with { type: "text" };
import { renderTunnels } from "./tunnel_table.ts";

/** Pages that are kept live at the same time; each holds a connection. */
const MAX_LIVE_PAGES = 200;

/** Files of the page: path, content, type. */
const ASSETS: readonly (readonly [string, string, string])[] = [
  ["/page.css", css, "text/css; charset=utf-8"],
  ["/page.js", script, "text/javascript; charset=utf-8"],
  ["/icon.svg", icon, "image/svg+xml"],
];

/** What the page needs. */
export interface WebUiDependencies {
  readonly accounts: Accounts;
  readonly registry: TunnelRegistry;
  /** The server's version. */
  readonly version: string;
  readonly advertise: {
    /** Else it is the host that the page was asked from. */
    readonly externalHost?: string | undefined;
    readonly proxyPort: () => number;
  };
  /** The CA that clients must be told to trust, when the server made its own. */
  readonly caFile?: string | undefined;
  /** Shared with the REST API and the proxy, so that failed logins count together. */
  readonly guard?: LoginGuard;
  readonly clock?: Clock;
}

/** The page as an application, at `/`. */
export function createWebUi(dependencies: WebUiDependencies): Hono<ApiEnv> {
  const {
    accounts,
    registry,
    guard = new LoginGuard(accounts),
    clock = systemClock,
  } = dependencies;
  const app = new Hono<UserEnv>();
  let livePages = 0;
  app.onError(problemResponse);
  for (const [path, content, type] of ASSETS) {
    app.get(
      path,
      pageHeaders(),
      (context) => context.body(content, 200, { "Content-Type": type }),
    );
  }

  app.get("/", pageHeaders(), authenticate(guard), (context) => {
    const user = context.get("user");
    const view = viewOf(new URL(context.req.url), { user, dependencies });
    return context.html(renderPage(view, tunnelsOf(user)));
  });

  app.get("/events", pageHeaders(), authenticate(guard), (context) => {
    if (livePages >= MAX_LIVE_PAGES) {
      throw new Problem(503, "Cannot keep the page live: too many are open");
    }
    livePages += 1;
    const user = context.get("user");
    const fragment = new LiveFragment(() => String(tunnelsOf(user)), {
      changes: registry.changes,
      clock,
      closing: context.env?.closing,
      onEnd: () => livePages -= 1,
    });
    return context.body(fragment.stream, 200, {
      "Content-Type": "text/event-stream",
    });
  });

  return new Hono<ApiEnv>().route("/", app);

  function tunnelsOf(owner: string): ReturnType<typeof renderTunnels> {
    const tunnels = registry.list({ owner, ended: true });
    return renderTunnels(tunnels, clock.now());
  }
}

function viewOf(
  { origin, hostname }: URL,
  { user, dependencies: { advertise, caFile, version } }: {
    readonly user: string;
    readonly dependencies: WebUiDependencies;
  },
): Parameters<typeof renderPage>[0] {
  const host = advertise.externalHost ?? hostname;
  const bracketed = host.includes(":") && !host.startsWith("[")
    ? `[${host}]`
    : host;
  return {
    user,
    version,
    serverUrl: origin,
    proxyAddress: `${bracketed}:${advertise.proxyPort()}`,
    caFile,
  };
}

/** Nothing inline, nothing from elsewhere, nowhere to send anything. */
function pageHeaders(): ReturnType<typeof secureHeaders> {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // A server with a certificate of its own making must not bind the whole
    // host name, "localhost" above all, to HTTPS.
    strictTransportSecurity: false,
  });
  return createMiddleware(async function pageHeaders(context, next) {
    await secure(context, next);
    context.header("Cache-Control", "no-store");
  });
}
