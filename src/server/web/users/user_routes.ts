/**
 * Pages of admins about the users of the organization: `/users`.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { type Role, ROLES } from "../../../api/resources/account_types.ts";
import { readForm } from "../../../web/form.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { AccountService } from "../../accounts/account_service.ts";
import { actorOf } from "../../rest/authentication.ts";
import { renderQuestion } from "../tunnels/confirm_page.ts";
import { renderNewKey } from "../keys/key_page.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { renderUserPage, renderUsersPage } from "./user_page.ts";

const ONE = "/users/:name";

/** What these pages need. */
export type UserRoutesOptions = Pick<
  AccountRoutesOptions,
  "accounts" | "frame"
>;

/** The list, each user, adding and changing them. */
export function userRoutes(
  { accounts, frame }: UserRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const as = (context: Context<PageEnv>) => administer(accounts, context);

  app.get("/users", (context) => {
    const { organization, users } = as(context);
    const formToken = context.get("formToken");
    const main = renderUsersPage({ organization, users, formToken });
    return frame(context, { title: "Users", main });
  });

  app.post("/users", async (context) => {
    const form = await readForm(context);
    const user = form.get("name") ?? "";
    const key = await as(context).addUser(user, placeIn(form));
    const title = `Added ${user}`;
    const main = renderNewKey({ title, key, user, back: "/users" });
    return frame(context, { title, main });
  });

  app.get(ONE, (context) => {
    const admin = as(context);
    const user = admin.user(context.req.param("name"));
    const main = renderUserPage(user, {
      keys: admin.keysOf(user.name),
      isOneself: user.name === context.get("user"),
      formToken: context.get("formToken"),
    });
    return frame(context, { title: user.name, main });
  });

  app.post(ONE, async (context) => {
    const name = context.req.param("name");
    await as(context).changeUser(name, placeIn(await readForm(context)));
    return context.redirect(`/users/${name}`, 303);
  });

  return app;
}

/** Asking whether to remove a user, and doing it. */
export function removeRoutes(
  { accounts, frame }: UserRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get(`${ONE}/remove`, (context) => {
    const { name } = administer(accounts, context).user(
      context.req.param("name"),
    );
    const title = `Remove ${name}?`;
    const main = renderQuestion({
      title,
      text: "Their keys end at once, their tunnels within seconds.",
      action: `/users/${name}/remove`,
      verb: "Remove user",
      above: [["/users", "Users"], [`/users/${name}`, name]],
      formToken: context.get("formToken"),
    });
    return frame(context, { title, main });
  });

  app.post(`${ONE}/remove`, async (context) => {
    const name = context.req.param("name");
    await administer(accounts, context).removeUser(name);
    return context.redirect("/users", 303);
  });

  return app;
}

function administer(
  accounts: Accounts,
  context: Context<PageEnv>,
): AccountService {
  return new AccountService(accounts, actorOf(context));
}

/** What a form says about a user; what it cannot have sent means the least. */
function placeIn(
  form: URLSearchParams,
): { readonly role: Role; readonly team: string | undefined } {
  return {
    role: ROLES.find((each) => each === form.get("role")) ?? "member",
    team: form.get("team") || undefined,
  };
}
