/** Invitations on pages: the list and the form for admins, and the page of the link. */
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
  CreatedInvitation,
  InvitationSummary,
} from "../../accounts/accounts.ts";

const DAY = 24 * 60 * 60 * 1000;

/** The lifetimes that the form offers. */
export const INVITATION_LIFETIMES: readonly (readonly [
  value: string,
  text: string,
  milliseconds: number,
])[] = [
  ["1", "in a day", DAY],
  ["7", "in a week", 7 * DAY],
  ["30", "in 30 days", 30 * DAY],
];

const ROLE_CHOICES: readonly Choice<Role>[] = [
  ["member", "member: their own tunnels"],
  ["team-admin", "team-admin: the tunnels of the team"],
  ["admin", "admin: all users and tunnels of the organization"],
];

const COLUMNS: readonly Column[] = [
  "Id",
  "Role",
  ["Team", "words"],
  ["Made by", "words"],
  "Ends",
  ["Used by", "words"],
  "Action",
];

/** The page of admins. */
export function renderInvitationsPage(
  { invitations, now, csrfToken }: {
    readonly invitations: readonly InvitationSummary[];
    /** Milliseconds since 1970. */
    readonly now: number;
    readonly csrfToken: string;
  },
): Markup {
  const open = invitations.filter((each) => isOpen(each, now)).length;
  return html`
    ${renderBreadcrumbs([["/users", "Users"]], "Invitations")}
    <h1>Invitations</h1>
    <p class="summary">Links by which people become users: ${open} can be
      used.</p>
    ${invitations.length === 0 ? NO_INVITATION : renderTable({
      caption: "Invitations, newest first",
      columns: COLUMNS,
      rows: invitations.map((each) => rowOf(each, now)),
    })}
    ${renderForm(csrfToken)}
  `;
}

const NO_INVITATION = renderEmptyState(
  "Nobody is invited.",
  html`
    <p>
      A link lets one person choose a name and get a key. Make one below, or on
      the server:
    </p>
    ${renderCommand("sallyport invitation create --role member")}
  `,
);

function isOpen(
  { usedAt, expiresAt }: InvitationSummary,
  now: number,
): boolean {
  return usedAt === undefined && expiresAt > now;
}

function rowOf(
  invitation: InvitationSummary,
  now: number,
): readonly (string | Markup)[] {
  const { id, role, team, invitedBy, usedBy, usedAt } = invitation;
  return [
    html`<code>${id}</code>`,
    role,
    team ?? "–",
    invitedBy,
    renderTimestamp(invitation.expiresAt),
    usedBy ?? (isOpen(invitation, now) ? "–" : "nobody"),
    usedAt !== undefined ? "–" : html`
      <a href="/users/invitations/${id}/revoke">Revoke<span
        class="visually-hidden">${` ${id}`}</span> …</a>
    `,
  ];
}

function renderForm(csrfToken: string): Markup {
  return html`
    <h2>Invite a person</h2>
    <form method="post" action="/users/invitations" class="panel card">
      ${renderCsrfField(csrfToken)}
      <label for="team">Team (if any)</label>
      <input id="team" name="team" maxlength="64"
        pattern="[A-Za-z0-9._\\-]+" title="letters, digits or . _ -"
        autocapitalize="none" spellcheck="false" autocomplete="off">
      <label for="role">Role</label>
      <select id="role" name="role">
        ${renderOptions(ROLE_CHOICES, "member")}
      </select>
      <label for="expires">Ends</label>
      <select id="expires" name="expires">
        ${renderOptions(
          INVITATION_LIFETIMES.map(([value, text]) => [value, text]),
          "7",
        )}
      </select>
      <button class="primary">Make a link</button>
    </form>
  `;
}

/** The page with a new link. It cannot be shown again. */
export function renderNewInvitation(
  { role, team, expiresAt }: CreatedInvitation,
  link: string,
): Markup {
  return html`
    ${renderBreadcrumbs(PARENTS, "New")}
    <h1>New invitation</h1>
    <p>Copy the link now: it is shown only once. Give it to one person.</p>
    <div class="secret">${renderCommand(link, "link")}</div>
    <p>It works once, until ${renderTimestamp(expiresAt)}, and gives the role
      ${placeOf(role, team)}.</p>
    <p><a class="button primary" href="/users/invitations">I have copied it</a></p>
  `;
}

/** `member of team web`. */
function placeOf(role: Role, team: string | undefined): string {
  return team === undefined ? role : `${role} of team ${team}`;
}

/** The pages above those of invitations. */
export const PARENTS = [
  ["/users", "Users"],
  ["/users/invitations", "Invitations"],
] as const;

/** The page of the link. */
export function renderWelcome(
  { organization, role, team }: InvitationSummary,
  { token, name = "", refusal }: {
    readonly token: string;
    readonly name?: string;
    /** Why the last attempt failed. */
    readonly refusal?: string;
  },
): Markup {
  return html`
    <div class="centered">
    <h1>Welcome</h1>
    ${refusal === undefined
      ? ""
      : html`<p class="note" role="alert">${refusal}</p>`}
    <p>You are invited to organization <b>${organization}</b> as ${placeOf(
      role,
      team,
    )}. Choose a name; you then get an access key.</p>
    <form method="post" action="/invitation" class="panel card">
      <input type="hidden" name="invitation" value="${token}">
      <label for="name">User name</label>
      <input id="name" name="name" value="${name}" required autofocus
        maxlength="64" pattern="[A-Za-z0-9._@\\-]+"
        title="letters, digits or . _ - @" autocomplete="username"
        autocapitalize="none" spellcheck="false">
      <button class="primary">Get an access key</button>
    </form>
    </div>
  `;
}

/** The page of a link that opens nothing. */
export function renderInvitationOver(why: string): Markup {
  return html`
    <div class="centered">
      <h1>No invitation</h1>
      <p class="note" role="alert">${why}.</p>
      <p><a class="button" href="/login">To the sign-in</a></p>
    </div>
  `;
}
