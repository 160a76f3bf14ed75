/** One's own access keys, `/keys`, and for admins those of others, `/users/{name}/keys`. */
import { type Context, Hono } from "hono";
import { KEY_SCOPES } from "../../../api/resources/account_types.ts";
import { readForm } from "../../../web/components/form.ts";
import type { Clock } from "../../../async/clock.ts";
import type { Accounts, NewKey } from "../../accounts/accounts.ts";
import { AccountService } from "../../accounts/account_service.ts";
import { actorOf } from "../../rest/authentication.ts";
import { type Confirmation, renderConfirmation } from "../confirm_page.ts";
import type { ServerLayout } from "../layout.ts";
import {
  type KeysView,
  LIFETIMES,
  renderKeysPage,
  renderNewKey,
} from "./key_page.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** Dependencies of the pages about accounts. */
export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly layout: ServerLayout;
}

/** The pages of keys. Only admins may see those of other users. */
export function keyPageRoutes(
  { accounts, clock, layout }: AccountRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/keys", (context) => {
    const view = viewOf(context);
    const keys = as(context).keysOf(view.user);
    const main = renderKeysPage(keys, view);
    return layout(context, { title: "Access keys", main });
  });

  for (const base of ["/keys", "/users/:name/keys"]) {
    app.post(base, async (context) => {
      const { user, base } = viewOf(context);
      const wanted = newKeyIn(await readForm(context), clock.now());
      const key = await as(context).addKey(user, wanted);
      const title = `New key “${wanted.name}”`;
      const back = listPath(base);
      const main = renderNewKey({ title, key, user, back });
      return layout(context, { title, main });
    });

    app.get(`${base}/:key/revoke`, (context) => {
      const { user, base, csrfToken } = viewOf(context);
      const name = context.req.param("key");
      const isInUse = user === context.get("user") &&
        name === context.get("key").name;
      const title = `Revoke key “${name}”?`;
      const main = renderConfirmation({
        title,
        text:
          `Programs that use it as ${user} are cut off within half a minute.` +
          (isInUse ? " You signed in with it, and will be signed out." : ""),
        action: `${base}/${name}/revoke`,
        parents: parentsOf({ user, base }),
        verb: "Revoke key",
        csrfToken,
      });
      return layout(context, { title, main });
    });

    app.post(`${base}/:key/revoke`, async (context) => {
      const { user, base } = viewOf(context);
      await as(context).revokeKey(user, context.req.param("key"));
      return context.redirect(listPath(base), 303);
    });
  }

  return app;

  function as(context: Context<PageEnv>): AccountService {
    return new AccountService(accounts, actorOf(context));
  }
}

/** The user in the path; without one, the user who is signed in. */
function viewOf(context: Context<PageEnv>): KeysView {
  const name = context.req.param("name");
  return {
    user: name ?? context.get("user"),
    base: name === undefined ? "/keys" : `/users/${name}/keys`,
    csrfToken: context.get("csrfToken"),
  };
}

/** The pages above a key. */
function parentsOf(
  { user, base }: Pick<KeysView, "user" | "base">,
): Confirmation["parents"] {
  const list = listPath(base);
  return base === "/keys"
    ? [[list, "Access keys"]]
    : [["/users", "Users"], [list, user]];
}

/** Path of the page that lists the keys at `base`. */
function listPath(base: string): string {
  return base === "/keys" ? base : base.replace(/\/keys$/, "");
}

/** The key that a form asks for. A scope that the form does not offer means the smallest. */
function newKeyIn(form: URLSearchParams, now: number): NewKey {
  const [, , lifetime] =
    LIFETIMES.find(([value]) => value === form.get("expires")) ?? [];
  return {
    name: form.get("name") ?? "",
    scope: KEY_SCOPES.find((each) => each === form.get("scope")) ?? "read",
    expiresAt: lifetime && now + lifetime,
  };
}
