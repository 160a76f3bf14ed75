/** Pages of admins about the users of the organization: `/users`. */
import { type Context, Hono } from "hono";
import { type Role, ROLES } from "../../../api/resources/account_types.ts";
import { readForm } from "../../../web/components/form.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { AccountService } from "../../accounts/account_service.ts";
import { actorOf } from "../../rest/authentication.ts";
import { renderConfirmation } from "../confirm_page.ts";
import { renderNewKey } from "../keys/key_page.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { renderUserPage, renderUsersPage } from "./user_page.ts";

const USER = "/users/:name";

/** Dependencies of these pages. */
export type UserRoutesOptions = Pick<
  AccountRoutesOptions,
  "accounts" | "layout"
>;

/** The list of users, and the page of each. */
export function userRoutes(
  { accounts, layout }: UserRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const as = (context: Context<PageEnv>) => administer(accounts, context);

  app.get("/users", (context) => {
    const { organization, users } = as(context);
    const csrfToken = context.get("csrfToken");
    const main = renderUsersPage({ organization, users, csrfToken });
    return layout(context, { title: "Users", main });
  });

  app.post("/users", async (context) => {
    const form = await readForm(context);
    const user = form.get("name") ?? "";
    const key = await as(context).addUser(user, membershipIn(form));
    const title = `Added ${user}`;
    const main = renderNewKey({ title, key, user, back: "/users" });
    return layout(context, { title, main });
  });

  app.get(USER, (context) => {
    const admin = as(context);
    const user = admin.user(context.req.param("name"));
    const main = renderUserPage(user, {
      keys: admin.keysOf(user.name),
      isOneself: user.name === context.get("user"),
      csrfToken: context.get("csrfToken"),
    });
    return layout(context, { title: user.name, main });
  });

  for (const verb of ["disable", "enable"] as const) {
    app.post(`${USER}/${verb}`, async (context) => {
      const name = context.req.param("name");
      await as(context).setDisabled(name, verb === "disable");
      return context.redirect(`/users/${name}`, 303);
    });
  }

  app.post(USER, async (context) => {
    const name = context.req.param("name");
    await as(context).changeUser(name, membershipIn(await readForm(context)));
    return context.redirect(`/users/${name}`, 303);
  });

  return app;
}

/** The confirmation before a user is removed, and the removal. */
export function removeRoutes(
  { accounts, layout }: UserRoutesOptions,
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get(`${USER}/remove`, (context) => {
    const { name } = administer(accounts, context).user(
      context.req.param("name"),
    );
    const title = `Remove ${name}?`;
    const main = renderConfirmation({
      title,
      text: "Their keys stop working at once, their tunnels within seconds.",
      action: `/users/${name}/remove`,
      verb: "Remove user",
      parents: [["/users", "Users"], [`/users/${name}`, name]],
      csrfToken: context.get("csrfToken"),
    });
    return layout(context, { title, main });
  });

  app.post(`${USER}/remove`, async (context) => {
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

/** Role and team in a form. A role that the form does not offer means `member`. */
function membershipIn(
  form: URLSearchParams,
): { readonly role: Role; readonly team: string | undefined } {
  return {
    role: ROLES.find((each) => each === form.get("role")) ?? "member",
    team: form.get("team") || undefined,
  };
}
