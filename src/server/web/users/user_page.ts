/** The users of an organization, for its admins. */
import { html } from "hono/html";
import type { Role } from "../../../api/resources/account_types.ts";
import { renderCommand } from "../../../web/components/copyable.ts";
import { renderEmptyState } from "../../../web/components/empty_state.ts";
import { type Choice, renderOptions } from "../../../web/components/form.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import { renderTimestamp } from "../../../web/format.ts";
import { type Markup, renderBreadcrumbs } from "../../../web/layout.ts";
import { renderCsrfField } from "../../../web/security/csrf_token.ts";
import type {
  KeySummary,
  OrganizationSummary,
  UserSummary,
} from "../../accounts/accounts.ts";
import { renderKeyForm, renderKeys } from "../keys/key_page.ts";

const ROLE_CHOICES: readonly Choice<Role>[] = [
  ["member", "member: their own tunnels"],
  ["team-admin", "team-admin: the tunnels of the team"],
  ["admin", "admin: all users and tunnels of the organization"],
  ["service", "service: a program with keys, which cannot sign in"],
];

/** The list of users, and the form to add one. */
export function renderUsersPage(
  { organization, users, csrfToken }: {
    readonly organization: OrganizationSummary;
    readonly users: readonly UserSummary[];
    readonly csrfToken: string;
  },
): Markup {
  const { name, maxTunnels } = organization;
  const limit = maxTunnels === undefined
    ? "any number of tunnels"
    : `at most ${maxTunnels} tunnels together`;
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
    ${users.length > 1 ? "" : renderOnlyUser(name)}
    <p><a class="button" href="/users/invitations">Invitations</a></p>
    ${renderAddForm(csrfToken)}
  `;
}

const COLUMNS: readonly Column[] = [
  ["Name", "words"],
  "Role",
  ["Team", "words"],
  "Added",
];

function rowOf(
  { name, role, team, createdAt, disabled, identity }: UserSummary,
): readonly (string | Markup)[] {
  const notes = [
    ...identity === undefined ? [] : ["external"],
    ...disabled === undefined ? [] : ["disabled"],
  ].join(", ");
  return [
    html`<a href="/users/${name}"><b>${name}</b></a>`,
    notes === "" ? role : `${role} (${notes})`,
    team ?? "–",
    renderTimestamp(createdAt),
  ];
}

function renderOnlyUser(organization: string): Markup {
  return renderEmptyState(
    "You are the only user.",
    html`
      <p>
        Users of an organization can use the tunnels that the others share. Add
        colleagues below, or on the server:
      </p>
      ${renderCommand(`sallyport user add NAME --org ${organization}`)}
    `,
  );
}

function renderAddForm(csrfToken: string): Markup {
  return html`
    <h2>Add a user</h2>
    <form method="post" action="/users" class="panel card">
      ${renderCsrfField(csrfToken)}
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength="64"
        pattern="[A-Za-z0-9._@\\-]+" title="letters, digits or . _ - @"
        autocapitalize="none" spellcheck="false" autocomplete="off">
      ${renderMembership({ team: undefined, role: "member" })}
      <button class="primary">Add user</button>
    </form>
  `;
}

function renderMembership(
  { team, role }: Pick<UserSummary, "team" | "role">,
): Markup {
  return html`
    <label for="team">Team (if any)</label>
    <input id="team" name="team" value="${team ?? ""}" maxlength="64"
      pattern="[A-Za-z0-9._\\-]+" title="letters, digits or . _ -"
      autocapitalize="none" spellcheck="false" autocomplete="off">
    <label for="role">Role</label>
    <select id="role" name="role">${renderOptions(ROLE_CHOICES, role)}</select>
  `;
}

/** One user. */
export function renderUserPage(
  user: UserSummary,
  { keys, isOneself, csrfToken }: {
    readonly keys: readonly KeySummary[];
    readonly isOneself: boolean;
    readonly csrfToken: string;
  },
): Markup {
  const { name, role } = user;
  const base = `/users/${name}/keys`;
  return html`
    ${renderBreadcrumbs([["/users", "Users"]], name)}
    <h1>${name}</h1>
    <p class="summary">${role}${stateOf(user)}, added ${renderTimestamp(
      user.createdAt,
    )},
      <a href="/audit?user=${encodeURIComponent(name)}">audit log</a></p>
    <h2>Role and team</h2>
    ${isOneself ? ONESELF : renderChanges(user, csrfToken)}
    <h2>Access keys</h2>
    ${keys.length === 0 ? renderNoKeys(user) : renderKeys(keys, { base })}
    ${role === "service" ? renderKeyForm({ user: name, base, csrfToken }) : ""}
  `;
}

const ONESELF = html`
  <p class="hint">
    This is you. Only another admin can change or remove you, so that the
    organization keeps at least one admin.
  </p>
`;

/** What a user is besides the role, for the line below the name. */
function stateOf({ disabled, identity }: UserSummary): string {
  const from = identity === undefined
    ? ""
    : `, signs in at ${new URL(identity.issuer).host}`;
  if (disabled === undefined) return from;
  const by = disabled === "admin" ? "an admin" : "the identity provider";
  return `${from}, disabled by ${by}`;
}

function renderChanges(user: UserSummary, csrfToken: string): Markup {
  return html`
    ${user.identity === undefined ? renderChangeForm(user, csrfToken) : html`
      <p class="hint">
        Role and team come from the groups at the identity provider. Change them
        there.
      </p>
    `}
    <form method="post" action="/users/${user
      .name}/${user.disabled === undefined
      ? "disable"
      : "enable"}" class="panel card">
      ${renderCsrfField(csrfToken)}
      <p>${user.disabled === undefined
        ? "A disabled user keeps everything, but no key works and no page opens."
        : "Keys and pages of this user work again once the user is enabled."}</p>
      <p class="actions">
        <button>${user.disabled === undefined ? "Disable" : "Enable"}</button>
        <a class="button danger" href="/users/${user.name}/remove">Remove …</a>
      </p>
    </form>
  `;
}

function renderChangeForm(user: UserSummary, csrfToken: string): Markup {
  return html`
    <form method="post" action="/users/${user.name}" class="panel card">
      ${renderCsrfField(csrfToken)} ${renderMembership(user)}
      <p class="actions"><button class="primary">Change</button></p>
    </form>
  `;
}

function renderNoKeys({ name, role, identity }: UserSummary): Markup {
  if (identity !== undefined) {
    return renderEmptyState(
      `${name} has no key.`,
      html`<p>People who sign in at an identity provider create their own.</p>`,
    );
  }
  const where = role === "service"
    ? "Create one below, or on the server:"
    : "Only the operator of the server can create one:";
  return renderEmptyState(
    `${name} has no key and cannot log in.`,
    html`
      <p>${where}</p>
      ${renderCommand(`sallyport key create ${name} default`)}
    `,
  );
}
