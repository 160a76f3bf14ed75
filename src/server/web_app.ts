/**
 * Everything behind the server's web address: REST API, page, health.
 *
 * @module
 */
import { Hono } from "hono";
import { logApi } from "../api/serving/log_api.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import type { HttpLogMode } from "../log/http_log.ts";
import type { Registry } from "../metrics/registry.ts";
import { createHealthApp } from "./rest/health_app.ts";
import type { LoginGuard } from "./accounts/login_guard.ts";
import { createRestApi, type RestApiDependencies } from "./rest/rest_api.ts";
import type { PermissionWatcher } from "./accounts/permission_watcher.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import type { TunnelHistory } from "./tunnels/tunnel_history.ts";
import { createWebUi } from "./web/web_ui.ts";

/** What the application is built from. */
export interface WebAppOptions extends RestApiDependencies {
  /** What the server counts. */
  readonly metrics: Registry;
  /** The way to every login. */
  readonly guard: LoginGuard;
  /** What passed through the tunnels lately. */
  readonly history: Pick<TunnelHistory, "of">;
  /** Path of the server's own CA certificate, if it has one, for the command that the page shows. */
  readonly caFile: string | undefined;
  /** Ends live pages of those whose rights are over. */
  readonly watch: Pick<PermissionWatcher, "enter">;
  /** Whose is what of the tables that all share. */
  readonly shares: SharedTables;
  /** How much of every request is logged. */
  readonly httpLog: HttpLogMode;
}

/** Makes the application. */
export function createWebApp(options: WebAppOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  if (options.httpLog !== "none") app.use(logApi(options.httpLog));
  app.route("/", createRestApi(options));
  app.route("/", createHealthApp(options));
  app.route("/", createWebUi(options));
  return app;
}
