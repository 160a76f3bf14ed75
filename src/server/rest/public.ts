/** Routes without credentials: versions, the CA for test browsers, and the document of the API. */
import { REST_PATH } from "../../api/operations/operation.ts";
import { Hono } from "hono";
import type { OpenApiDocument } from "../../api/document/openapi.ts";
import {
  getBrowserCa,
  getDocument,
  getDownload,
  getVersions,
} from "../../api/operations/public_operations.ts";
import { restDocument } from "../../api/document/rest_document.ts";
import type { UserEnv } from "./authentication.ts";
import { noDownload, versionsFor } from "./version_info.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { route } from "./route.ts";

/** Relative URL of the CA for test browsers, from the page. */
export const BROWSER_CA_URL: string = `${
  REST_PATH.slice(1)
}${getBrowserCa.path}`;

/** The public routes. */
export function publicRoutes(
  { version, browserCaPem }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  // Generated on first use: it takes as long as a hundred requests.
  let document: OpenApiDocument | undefined;
  route(app, getVersions, ({ query }) => versionsFor(query, version));
  route(app, getDownload, () => noDownload());
  route(app, getBrowserCa, () => browserCaPem());
  route(app, getDocument, () => ({ ...document ??= restDocument(version) }));
  return app;
}
