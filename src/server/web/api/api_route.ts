/**
 * The page about the REST API, made from the same document that programs get.
 *
 * @module
 */
import { Hono } from "hono";
import type { OpenApiDocument } from "../../../api/document/openapi.ts";
import { restDocument } from "../../../api/document/rest_document.ts";
import {
  type RequestLimits,
  requestLimits,
} from "../../rest/request_limits.ts";
import { renderApiPage } from "./api_page.ts";
import type { Frame } from "../frame.ts";
import { API_PAGE } from "../layout.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** `GET /docs`. */
export function apiPageRoute(
  { version, caFile, limits = requestLimits(), frame }: {
    readonly version: string;
    /** The server's own CA, if it made one. */
    readonly caFile?: string | undefined;
    /** The usual ones unless given. */
    readonly limits?: RequestLimits | undefined;
    readonly frame: Frame;
  },
): Hono<PageEnv> {
  let document: OpenApiDocument | undefined;
  return new Hono<PageEnv>().get(API_PAGE, (context) => {
    document ??= restDocument(version);
    const main = renderApiPage(document, {
      user: context.get("user"),
      origin: new URL(context.req.url).origin,
      hasOwnCa: caFile !== undefined,
      limits,
    });
    return frame(context, { title: "REST API", main });
  });
}
