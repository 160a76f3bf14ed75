/**
 * The Tunnels page: who signs in sees their tunnels, live, and stops them.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import type { TunnelController } from "../tunnels/controller.ts";
import { LoginGuard } from "../accounts/login_guard.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import {
  limitAddresses,
  limitUsers,
  type RequestLimits,
  requestLimits,
} from "../rest/request_limits.ts";
import type { PermissionWatcher } from "../accounts/permission_watcher.ts";
import { SharedTables } from "../accounts/shared_tables.ts";
import type { TunnelHistory } from "../tunnels/tunnel_history.ts";
import { assetRoutes } from "../../web/assets.ts";
import { refuseCrossSite } from "../../web/cross_site.ts";
import { liveStreams } from "../../web/live_streams.ts";
import { pageProblem } from "../../web/problem_page.ts";
import { apiPageRoute } from "./api/api_route.ts";
import { SERVER_ASSETS } from "./assets.ts";
import { auditRoutes } from "./audit/audit_page.ts";
import { type Frame, frameOf } from "./frame.ts";
import { keyRoutes } from "./keys/key_routes.ts";
import { API_PAGE } from "./layout.ts";
import type { PageView } from "./tunnels/page.ts";
import { pageHeaders } from "../../web/page_headers.ts";
import { sightOf } from "./tunnels/sight.ts";
import {
  maybeSignedIn,
  type PageEnv,
  signedIn,
  type SignInOptions,
  signInRoutes,
} from "./session/sign_in.ts";
import { stopRoutes } from "./tunnels/stop_routes.ts";
import { tunnelEvents } from "./tunnels/tunnel_events.ts";
import { tunnelRoutes } from "./tunnels/tunnel_routes.ts";
import { removeRoutes, userRoutes } from "./users/user_routes.ts";
import { WebSessions } from "./session/web_sessions.ts";

/** Where only those come who signed in. */
const INSIDE_PATHS: readonly string[] = [
  "/",
  "/events",
  "/tunnels/*",
  "/stop-my-tunnels",
  "/keys/*",
  "/users/*",
  "/audit",
  API_PAGE,
];
/** All pages; the REST API beside them has rules of its own. */
const PATHS: readonly string[] = [
  ...INSIDE_PATHS,
  "/login",
  "/logout",
  "/:file{[a-z]+\\.(?:css|js|svg)}",
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
  /** Stops tunnels. */
  readonly controller: Pick<TunnelController, "stop">;
  /** What passed through the tunnels lately. */
  readonly history: Pick<TunnelHistory, "of">;
  /** The CA that clients must be told to trust, when the server made its own. */
  readonly caFile?: string | undefined;
  /** Shared with the REST API and the proxy, so that failed logins count together. */
  readonly guard?: LoginGuard;
  /** How many requests are taken, of the pages and of the REST API together; the usual number unless given. */
  readonly limits?: RequestLimits;
  /** Ends live pages of those whose rights are over; nobody does unless given. */
  readonly watch?: Pick<PermissionWatcher, "enter"> | undefined;
  /** Whose is what of the tables that all share. */
  readonly shares?: SharedTables;
  readonly clock?: Clock;
}

/** The page as an application, at `/`. */
export function createWebUi(dependencies: WebUiDependencies): Hono<ApiEnv> {
  const { accounts, version, clock = systemClock } = dependencies;
  const { guard = new LoginGuard(accounts), limits = requestLimits() } =
    dependencies;
  const { shares = new SharedTables(accounts) } = dependencies;
  const signIn = {
    guard,
    sessions: new WebSessions(() => clock.now(), shares),
    accounts,
    version,
  };
  const isAdmin = (user: string) => accounts.findUser(user)?.role === "admin";
  const frame = frameOf({ version, isAdmin });
  const app = new Hono<PageEnv>();
  app.onError(pageProblem({ frame, back: BACK }));
  for (const path of PATHS) {
    app.use(path, pageHeaders(), limitAddresses(limits.addresses));
    app.use(path, refuseCrossSite());
  }
  app.route("/", assetRoutes(SERVER_ASSETS));
  app.route("/", signInRoutes(signIn));
  app.route(
    "/",
    insideRoutes({ ...dependencies, limits, shares }, { signIn, clock, frame }),
  );
  app.get("*", pageHeaders(), maybeSignedIn(signIn), ({ req }) => {
    throw new Problem(404, `Cannot find "${req.path}": there is no such page`);
  });
  return new Hono<ApiEnv>().route("/", app);
}

/** Leaves everything alone. */
const UNWATCHED: Pick<PermissionWatcher, "enter"> = {
  enter: () => ({ allow() {}, [Symbol.dispose]() {} }),
};

const BACK = { path: "/", text: "Back to the tunnels" } as const;

/** All that is only for those who signed in. */
function insideRoutes(
  dependencies: WebUiDependencies & {
    readonly limits: RequestLimits;
    readonly shares: SharedTables;
  },
  { signIn, clock, frame }: {
    readonly signIn: SignInOptions;
    readonly clock: Clock;
    readonly frame: Frame;
  },
): Hono<PageEnv> {
  const { accounts, registry, history, controller } = dependencies;
  const { version, caFile, limits, shares, watch = UNWATCHED } = dependencies;
  const { changes } = registry;
  const app = new Hono<PageEnv>();
  app.onError(pageProblem({ frame, back: BACK }));
  for (const path of INSIDE_PATHS) {
    app.use(path, signedIn(signIn), limitUsers(limits.users));
  }
  const sight = sightOf(registry, accounts);
  app.route(
    "/",
    tunnelRoutes({
      ...{ sight, history, clock, frame },
      viewOf: (context) => viewOf(context, dependencies),
    }),
  );
  app.route(
    "/",
    tunnelEvents({
      ...{ sight, history, clock, changes, watch, shares },
      stream: liveStreams({
        ...{ changes, clock },
        onEvict: () => shares.noteEviction("live_pages"),
      }),
    }),
  );
  app.route("/", stopRoutes({ controller, sight, frame }));
  app.route("/", keyRoutes({ accounts, clock, frame }));
  app.route("/", userRoutes({ accounts, frame }));
  app.route("/", removeRoutes({ accounts, frame }));
  app.route("/", auditRoutes({ accounts, frame }));
  app.route("/", apiPageRoute({ version, caFile, limits, frame }));
  return app;
}

function viewOf(
  context: Context<PageEnv>,
  { advertise, caFile }: WebUiDependencies,
): PageView {
  const { origin, hostname } = new URL(context.req.url);
  const host = advertise.externalHost ?? hostname;
  const bracketed = host.includes(":") && !host.startsWith("[")
    ? `[${host}]`
    : host;
  return {
    user: context.get("user"),
    serverUrl: origin,
    proxyAddress: `${bracketed}:${advertise.proxyPort()}`,
    caFile,
  };
}
