/**
 * Everything behind the server's web address: REST API and page.
 *
 * @module
 */
import { Hono } from "hono";
import type { ApiEnv } from "../api/serve.ts";
import { createRestApi, type RestApiDependencies } from "./rest_api.ts";

/** Makes the application. */
export function createWebApp(dependencies: RestApiDependencies): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.route("/", createRestApi(dependencies));
  return app;
}
