/** The server's pages: users sign in, watch their tunnels live, and stop them. */
import type { RestApiDependencies } from "../rest/dependencies.ts";
import { type Context, Hono } from "hono";
import { proxyUrlOf } from "../../net/address/proxy_address.ts";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import type { TunnelController } from "../tunnels/controller.ts";
import { LoginGuard } from "../accounts/login_guard.ts";
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
import { refuseCrossSite } from "../../web/security/cross_site.ts";
import { liveStreams } from "../../web/live/live_streams.ts";
import { errorPages } from "../../web/error_page.ts";
import { apiPageRoute } from "./api/api_page.ts";
import { auditRoutes } from "./audit/audit_page.ts";
import {
  certificateRoutes,
  type CertificatesView,
} from "./certificates/certificate_page.ts";
import {
  guestRoutes,
  invitationAdminRoutes,
} from "./invitations/invitation_routes.ts";
import { keyPageRoutes } from "./keys/key_routes.ts";
import {
  API_PAGE,
  SERVER_ASSETS,
  type ServerLayout,
  serverLayout,
} from "./layout.ts";
import type { ServerView } from "./tunnels/list_page.ts";
import { securityHeaders } from "../../web/security/security_headers.ts";
import { visibleTunnelsOf } from "./tunnels/visible_tunnels.ts";
import {
  optionalSignIn,
  type PageEnv,
  requireSignIn,
  type SignInOptions,
  signInRoutes,
} from "./session/sign_in.ts";
import type { OidcSignIn } from "./oidc/oidc.ts";
import { stopRoutes } from "./tunnels/stop_routes.ts";
import { tunnelEvents } from "./tunnels/tunnel_events.ts";
import { tunnelPageRoutes } from "./tunnels/tunnel_routes.ts";
import { removeRoutes, userRoutes } from "./users/user_routes.ts";
import { WebSessions } from "./session/web_sessions.ts";

/** Paths that require a sign-in. */
const PRIVATE_PATHS: readonly string[] = [
  "/",
  "/events",
  "/tunnels/*",
  "/stop-my-tunnels",
  "/keys/*",
  "/users/*",
  "/audit",
  "/certificates",
  API_PAGE,
];
/** All pages. The REST API on the same origin has its own rules. */
const PATHS: readonly string[] = [
  ...PRIVATE_PATHS,
  "/login",
  "/login/*",
  "/logout",
  "/invitation",
  "/:file{[a-z]+\\.(?:css|js|svg)}",
];

/** Dependencies of the pages. */
export interface WebUiDependencies extends
  Pick<
    RestApiDependencies,
    "accounts" | "advertise" | "registry" | "version" | "guard" | "limits"
  > {
  readonly controller: Pick<TunnelController, "stop">;
  /** Recent traffic of each tunnel. */
  readonly history: Pick<TunnelHistory, "of">;
  /** The self-made CA that clients must trust now, if there is one. */
  readonly caFile?: () => string | undefined;
  /** The certificates that are in use. Default: none. */
  readonly certificates?: () => CertificatesView;
  /** Ends live pages of users who lose their permission. */
  readonly watch?: Pick<PermissionWatcher, "enter"> | undefined;
  /** Divides shared tables among organizations. */
  readonly shares?: SharedTables;
  readonly clock?: Clock;
  /** The browsers that are signed in. */
  readonly sessions?: WebSessions;
  /** The sign-in at an identity provider, if there is one. */
  readonly oidc?: OidcSignIn | undefined;
}

/** The pages as an application, at `/`. */
export function createWebUi(dependencies: WebUiDependencies): Hono<ApiEnv> {
  const { accounts, version, clock = systemClock } = dependencies;
  const { guard = new LoginGuard(accounts), limits = requestLimits() } =
    dependencies;
  const { shares = new SharedTables(accounts), oidc } = dependencies;
  const { sessions = new WebSessions(() => clock.now(), shares) } =
    dependencies;
  const signIn = { guard, sessions, accounts, provider: oidc?.page };
  const isAdmin = (user: string) => accounts.findUser(user)?.role === "admin";
  const layout = serverLayout({ version, isAdmin });
  const app = new Hono<PageEnv>();
  app.onError(errorPages({ layout, back: BACK }));
  for (const path of PATHS) {
    app.use(path, securityHeaders(), limitAddresses(limits.addresses));
    app.use(path, refuseCrossSite());
  }
  app.route("/", assetRoutes(SERVER_ASSETS));
  app.route("/", signInRoutes({ ...signIn, layout }));
  app.route("/", guestRoutes({ accounts, layout }));
  if (oidc !== undefined) app.route("/", oidc.routes(layout));
  app.route(
    "/",
    privateRoutes({ ...dependencies, limits, shares }, {
      signIn,
      clock,
      layout,
    }),
  );
  app.get("*", securityHeaders(), optionalSignIn(signIn), ({ req }) => {
    throw new Problem(404, `Cannot find "${req.path}": there is no such page`);
  });
  return new Hono<ApiEnv>().route("/", app);
}

/** For servers without a watcher. */
const UNWATCHED: Pick<PermissionWatcher, "enter"> = {
  enter: () => ({ allow() {}, [Symbol.dispose]() {} }),
};

const NO_CERTIFICATES: CertificatesView = {
  certificates: [],
  acme: undefined,
};

const BACK = { path: "/", text: "Back to the tunnels" } as const;

/** The routes that require a sign-in. */
function privateRoutes(
  dependencies: WebUiDependencies & {
    readonly limits: RequestLimits;
    readonly shares: SharedTables;
  },
  { signIn, clock, layout }: {
    readonly signIn: SignInOptions;
    readonly clock: Clock;
    readonly layout: ServerLayout;
  },
): Hono<PageEnv> {
  const { accounts, registry, history, controller, advertise } = dependencies;
  const { version, caFile, limits, shares, watch = UNWATCHED } = dependencies;
  const { certificates = () => NO_CERTIFICATES } = dependencies;
  const { changes } = registry;
  const app = new Hono<PageEnv>();
  app.onError(errorPages({ layout, back: BACK }));
  for (const path of PRIVATE_PATHS) {
    app.use(path, requireSignIn(signIn), limitUsers(limits.users));
  }
  const visibleTunnels = visibleTunnelsOf(registry, accounts);
  app.route(
    "/",
    tunnelPageRoutes({
      ...{ visibleTunnels, history, clock, layout },
      viewOf: (context) => viewOf(context, dependencies),
    }),
  );
  app.route(
    "/",
    tunnelEvents({
      ...{ visibleTunnels, history, clock, changes, watch, shares },
      stream: liveStreams({
        ...{ changes, clock },
        onEvict: () => shares.noteEviction("live_pages"),
      }),
    }),
  );
  app.route("/", stopRoutes({ controller, visibleTunnels, layout }));
  app.route("/", keyPageRoutes({ accounts, clock, layout }));
  // Before the page of the user who would be called so.
  app.route("/", invitationAdminRoutes({ accounts, clock, layout, advertise }));
  app.route("/", userRoutes({ accounts, layout }));
  app.route("/", removeRoutes({ accounts, layout }));
  app.route("/", auditRoutes({ accounts, layout }));
  app.route("/", certificateRoutes({ accounts, layout, view: certificates }));
  app.route("/", apiPageRoute({ version, caFile, limits, layout }));
  return app;
}

function viewOf(
  context: Context<PageEnv>,
  { advertise, caFile }: WebUiDependencies,
): ServerView {
  const { url, host, proxy } = advertise(new URL(context.req.url));
  return {
    user: context.get("user"),
    serverUrl: url,
    host,
    proxyUrl: proxyUrlOf(proxy),
    caFile: caFile?.(),
  };
}
