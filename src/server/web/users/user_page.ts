/**
 * The users of an organization, as its admins see them.
 *
 * @module
 */
import { html } from "hono/html";
import type { Role } from "../../../api/resources/account_types.ts";
import { formTokenField } from "../../../web/form.ts";
import type { Markup } from "../../../web/shell.ts";
import type {
  KeySummary,
  OrganizationSummary,
  UserSummary,
} from "../../accounts/accounts.ts";
import { type Choice, renderChoices } from "../../../web/choices.ts";
import { renderMoment } from "../tunnels/moment.ts";
import { type Column, renderTable } from "../../../web/table.ts";
import { renderTrail } from "../../../web/breadcrumbs.ts";
import { renderCommand } from "../../../web/command.ts";
import { renderKeyForm, renderKeys } from "../keys/key_page.ts";

const ROLE_CHOICES: readonly Choice<Role>[] = [
  ["member", "member: what is their own"],
  ["team-admin", "team-admin: tunnels of the team"],
  ["admin", "admin: users and tunnels of the organization"],
  ["service", "service: a program, which has keys only"],
];

/** The list of users, and the form to add one. */
export function renderUsersPage(
  { organization, users, formToken }: {
    readonly organization: OrganizationSummary;
    readonly users: readonly UserSummary[];
    readonly formToken: string;
  },
): Markup {
  const { name, maxTunnels } = organization;
  const limit = maxTunnels === undefined
    ? "as many tunnels as they like"
    : `${maxTunnels} tunnels at once, together`;
  return html`
    <h1>Users</h1>
    <p class="summary">Organization <b>${name}</b>: ${users.length === 1
      ? "1 user"
      : `${users.length} users`}, ${limit}</p>
    ${renderTable({
      caption: "Users, by name",
      columns: COLUMNS,
      rows: users.map(rowOf),
    })}
    ${users.length > 1 ? "" : renderAlone(name)} ${renderAddForm(formToken)}
  `;
}

const COLUMNS: readonly Column[] = [
  ["Name", "words"],
  "Role",
  ["Team", "words"],
  "Added",
];

function rowOf(
  { name, role, team, createdAt }: UserSummary,
): readonly (string | Markup)[] {
  return [
    html`<a href="/users/${name}"><b>${name}</b></a>`,
    role,
    team ?? "–",
    renderMoment(createdAt),
  ];
}

function renderAlone(organization: string): Markup {
  return html`
    <div class="panel empty">
      <p>You are the only user.</p>
      <p>
        What one user of the organization shares, all of them can use. Add
        colleagues below, or on the server:
      </p>
      ${renderCommand(`sallyport user add NAME --org ${organization}`)}
    </div>
  `;
}

function renderAddForm(formToken: string): Markup {
  return html`
    <h2>Add a user</h2>
    <form method="post" action="/users" class="panel card">
      ${formTokenField(formToken)}
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength="64"
        pattern="[A-Za-z0-9._@\\-]+" title="letters, digits or . _ - @"
        autocapitalize="none" spellcheck="false" autocomplete="off">
      ${renderPlace({ team: undefined, role: "member" })}
      <button class="main">Add user</button>
    </form>
  `;
}

function renderPlace(
  { team, role }: Pick<UserSummary, "team" | "role">,
): Markup {
  return html`
    <label for="team">Team (if any)</label>
    <input id="team" name="team" value="${team ?? ""}" maxlength="64"
      pattern="[A-Za-z0-9._\\-]+" title="letters, digits or . _ -"
      autocapitalize="none" spellcheck="false" autocomplete="off">
    <label for="role">Role</label>
    <select id="role" name="role">${renderChoices(ROLE_CHOICES, role)}</select>
  `;
}

/** One user. */
export function renderUserPage(
  user: UserSummary,
  { keys, isOneself, formToken }: {
    readonly keys: readonly KeySummary[];
    readonly isOneself: boolean;
    readonly formToken: string;
  },
): Markup {
  const { name, role } = user;
  const base = `/users/${name}/keys`;
  return html`
    ${renderTrail([["/users", "Users"]], name)}
    <h1>${name}</h1>
    <p class="summary">${role}, added ${renderMoment(user.createdAt)},
      <a href="/audit?user=${encodeURIComponent(name)}">what they did</a></p>
    <h2>Role and team</h2>
    ${isOneself ? ONESELF : renderChangeForm(user, formToken)}
    <h2>Access keys</h2>
    ${keys.length === 0 ? renderNoKeys(user) : renderKeys(keys, { base })}
    ${role === "service" ? renderKeyForm({ user: name, base, formToken }) : ""}
  `;
}

const ONESELF = html`
  <p class="hint">
    This is you. Another admin can change or remove you, so that an organization
    does not lose its last one.
  </p>
`;

function renderChangeForm(user: UserSummary, formToken: string): Markup {
  return html`
    <form method="post" action="/users/${user.name}" class="panel card">
      ${formTokenField(formToken)} ${renderPlace(user)}
      <p class="choices">
        <button class="main">Change</button>
        <a class="button danger" href="/users/${user.name}/remove">Remove …</a>
      </p>
    </form>
  `;
}

function renderNoKeys({ name, role }: UserSummary): Markup {
  const where = role === "service"
    ? "Make one below, or on the server:"
    : "Only the server's operator can make one:";
  return html`
    <div class="panel empty">
      <p>${name} has no key, and gets in nowhere.</p>
      <p>${where}</p>
      ${renderCommand(`sallyport key create ${name} default`)}
    </div>
  `;
}
