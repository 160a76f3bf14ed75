/**
 * Answers with a page in the frame, for whoever is signed in.
 *
 * @module
 */
import type { Context } from "hono";
import { type PageContent, renderLayout } from "./layout.ts";
import type { PageEnv } from "./session/sign_in.ts";

/** Puts a page into the frame. */
export type Frame = (
  context: Context<PageEnv>,
  page: PageContent,
) => Response | Promise<Response>;

/** Makes the frame of all pages. */
export function frameOf(
  { version, isAdmin }: {
    readonly version: string;
    readonly isAdmin: (user: string) => boolean;
  },
): Frame {
  return function frame(context, page) {
    // Who is not known is shown an error at most.
    const user: string | undefined = context.get("user");
    const viewer = {
      user,
      formToken: context.get("formToken"),
      isAdmin: user !== undefined && isAdmin(user),
      version,
      path: context.req.path,
    };
    return context.html(renderLayout(viewer, page));
  };
}
