/**
 * The page of one's own access keys, and what admins do with those of others:
 * `/keys` and `/users/{name}/keys`.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { KEY_SCOPES } from "../../../api/resources/account_types.ts";
import { readForm } from "../../../web/form.ts";
import type { Clock } from "../../../async/clock.ts";
import type { Accounts, NewKey } from "../../accounts/accounts.ts";
import { AccountService } from "../../accounts/account_service.ts";
import { actorOf } from "../../rest/authentication.ts";
import { type Question, renderQuestion } from "../tunnels/confirm_page.ts";
import type { Frame } from "../frame.ts";
import {
  type KeysView,
  LIFETIMES,
  renderKeysPage,
  renderNewKey,
} from "./key_page.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** What pages about accounts need. */
export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly frame: Frame;
}

/** One's own keys, and below a user those of the user, for admins. */
export function keyRoutes(
  { accounts, clock, frame }: AccountRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/keys", (context) => {
    const view = viewOf(context);
    const keys = as(context).keysOf(view.user);
    const main = renderKeysPage(keys, view);
    return frame(context, { title: "Access keys", main });
  });

  for (const base of ["/keys", "/users/:name/keys"]) {
    app.post(base, async (context) => {
      const { user, base } = viewOf(context);
      const wanted = keyIn(await readForm(context), clock.now());
      const key = await as(context).addKey(user, wanted);
      const title = `New key “${wanted.name}”`;
      const back = backFrom(base);
      const main = renderNewKey({ title, key, user, back });
      return frame(context, { title, main });
    });

    app.get(`${base}/:key/revoke`, (context) => {
      const { user, base, formToken } = viewOf(context);
      const name = context.req.param("key");
      const isInUse = user === context.get("user") &&
        name === context.get("key").name;
      const title = `Revoke key “${name}”?`;
      const main = renderQuestion({
        title,
        text: `Whoever uses it as ${user} is out within half a minute.` +
          (isInUse ? " You have signed in with it, and will be out too." : ""),
        action: `${base}/${name}/revoke`,
        above: aboveKeys({ user, base }),
        verb: "Revoke key",
        formToken,
      });
      return frame(context, { title, main });
    });

    app.post(`${base}/:key/revoke`, (context) => {
      const { user, base } = viewOf(context);
      as(context).revokeKey(user, context.req.param("key"));
      return context.redirect(backFrom(base), 303);
    });
  }

  return app;

  function as(context: Context<PageEnv>): AccountService {
    return new AccountService(accounts, actorOf(context));
  }
}

/** Whose keys it is about: those of the user in the path, or one's own. */
function viewOf(context: Context<PageEnv>): KeysView {
  const name = context.req.param("name");
  return {
    user: name ?? context.get("user"),
    base: name === undefined ? "/keys" : `/users/${name}/keys`,
    formToken: context.get("formToken"),
  };
}

/** The pages above a key. */
function aboveKeys(
  { user, base }: Pick<KeysView, "user" | "base">,
): Question["above"] {
  const list = backFrom(base);
  return base === "/keys"
    ? [[list, "Access keys"]]
    : [["/users", "Users"], [list, user]];
}

/** The page that lists the keys at `base`. */
function backFrom(base: string): string {
  return base === "/keys" ? base : base.replace(/\/keys$/, "");
}

/** What a form asks for; what it cannot have sent means the least. */
function keyIn(form: URLSearchParams, now: number): NewKey {
  const [, , lifetime] =
    LIFETIMES.find(([value]) => value === form.get("expires")) ?? [];
  return {
    name: form.get("name") ?? "",
    scope: KEY_SCOPES.find((each) => each === form.get("scope")) ?? "read",
    expiresAt: lifetime && now + lifetime,
  };
}
