import { Hono } from "hono";
import { logApi } from "../api/serving/log_api.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import type { HealthChecks } from "../async/health_checks.ts";
import type { HttpLogMode } from "../log/http_log.ts";
import type { Registry } from "../metrics/registry.ts";
import { createHealthApp } from "./rest/health_app.ts";
import type { LoginGuard } from "./accounts/login_guard.ts";
import { createRestApi, type RestApiDependencies } from "./rest/rest_api.ts";
import type { PermissionWatcher } from "./accounts/permission_watcher.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import type { TunnelHistory } from "./tunnels/tunnel_history.ts";
import type { CertificatesView } from "./web/certificates/certificate_page.ts";
import type { OidcSignIn } from "./web/oidc/oidc.ts";
import type { WebSessions } from "./web/session/web_sessions.ts";
import { createWebUi } from "./web/web_ui.ts";

/** What the web application is built from. */
export interface WebAppOptions extends RestApiDependencies {
  readonly metrics: Registry;
  /** What the server needs to serve, for `/healthz` and `/readyz`. */
  readonly health: Pick<HealthChecks, "failures">;
  /** Checks logins and slows down guesses. */
  readonly guard: LoginGuard;
  /** Samples of the traffic of each tunnel. */
  readonly history: Pick<TunnelHistory, "of">;
  /** Path of the server's own CA certificate while it is in use, for the command on the page. */
  readonly caFile: () => string | undefined;
  /** The certificates that are in use, for their page. */
  readonly certificates: () => CertificatesView;
  /** Closes live pages whose permission ends. */
  readonly watch: Pick<PermissionWatcher, "enter">;
  /** Assigns entries of bounded tables to organizations. */
  readonly shares: SharedTables;
  /** The browsers that are signed in. */
  readonly sessions: WebSessions;
  /** The sign-in at an identity provider, if there is one. */
  readonly oidc: OidcSignIn | undefined;
  /** How much of every request is logged. */
  readonly httpLog: HttpLogMode;
}

/** Creates the application behind the web address: REST API, health, page. */
export function createWebApp(options: WebAppOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  if (options.httpLog !== "none") app.use(logApi(options.httpLog));
  app.route("/", createRestApi(options));
  const problemOfProvider = () => options.oidc?.provider.problem;
  app.route("/", createHealthApp({ ...options, problemOfProvider }));
  app.route("/", createWebUi(options));
  return app;
}
