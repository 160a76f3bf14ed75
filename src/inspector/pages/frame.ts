/**
 * The inspector's pages in the frame of all pages.
 *
 * @module
 */
import type { Context } from "hono";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { type Markup, renderShell } from "../../web/shell.ts";
import { INSPECTOR_STYLE } from "./assets.ts";
import { BASE } from "./paths.ts";

/** Answers with a page. */
export type Frame = (
  context: Context<ApiEnv>,
  page: { readonly title: string; readonly main: Markup },
) => Response | Promise<Response>;

/** Makes the frame. */
export function frameOf(version: string): Frame {
  return function frame(context, page) {
    return context.html(renderShell({
      ...page,
      version,
      home: "/",
      pages: [
        { path: "/", name: "Status", current: undefined },
        {
          path: BASE,
          name: "Traffic",
          current: context.req.path === BASE ? "page" : "true",
        },
      ],
      base: BASE,
      head: INSPECTOR_STYLE,
    }));
  };
}
