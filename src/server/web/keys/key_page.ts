/**
 * Access keys as pages show them: a list, a form for another one, and the new
 * one, once.
 *
 * @module
 */
import { html } from "hono/html";
import type { KeyScope } from "../../../api/resources/account_types.ts";
import { formTokenField } from "../../../web/form.ts";
import type { Markup } from "../../../web/shell.ts";
import type { KeySummary } from "../../accounts/accounts.ts";
import { type Choice, renderChoices } from "../../../web/choices.ts";
import { renderMoment } from "../tunnels/moment.ts";
import { type Column, renderTable } from "../../../web/table.ts";
import { renderCommand } from "../../../web/command.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long a key may live, as the form offers it: what is sent, what it means, in milliseconds. */
export const LIFETIMES: readonly (readonly [
  value: string,
  text: string,
  milliseconds: number | undefined,
])[] = [
  ["never", "never", undefined],
  ["30", "in 30 days", 30 * DAY],
  ["90", "in 90 days", 90 * DAY],
  ["365", "in a year", 365 * DAY],
];

const SCOPES: readonly Choice<KeyScope>[] = [
  ["all", "all that the user may do"],
  ["start", "start: starting and stopping one's tunnels"],
  ["use", "use: the proxy port, for browsers"],
  ["read", "read: looking, at the REST API and the page"],
];

/** Whose keys a page is about. */
export interface KeysView {
  readonly user: string;
  /** Where their keys are: `/keys`. */
  readonly base: string;
  readonly formToken: string;
}

/** The page of one's own keys. */
export function renderKeysPage(
  keys: readonly KeySummary[],
  view: KeysView,
): Markup {
  return html`
    <h1>Access keys</h1>
    <p class="summary">
      Programs and browsers say who they are with a key. Give each machine one of
      its own, which opens no more than it needs.
    </p>
    ${renderKeys(keys, view)} ${keys.length > 1 ? "" : renderFirst(view.user)}
    ${renderKeyForm(view)}
  `;
}

/** The list. */
export function renderKeys(
  keys: readonly KeySummary[],
  { base }: Pick<KeysView, "base">,
): Markup {
  const columns: readonly Column[] = [
    ["Name", "words"],
    "Scope",
    "Created",
    "Expires",
    "Last used",
    "Action",
  ];
  const rows = keys.map(({ name, ...key }) => [
    html`<b>${name}</b>`,
    key.scope,
    renderMoment(key.createdAt),
    renderMoment(key.expiresAt),
    renderMoment(key.lastUsedAt),
    html`
      <a
        href="${base}/${name}/revoke">Revoke<span class="unseen">${` ${name}`}</span> …</a>
    `,
  ]);
  return renderTable({ caption: "Access keys, by name", columns, rows });
}

function renderFirst(user: string): Markup {
  return html`
    <div class="panel empty">
      <p>You have no key besides the first one.</p>
      <p>
        Give your CI one of its own that starts tunnels and does nothing else,
        below or on the server:
      </p>
      ${renderCommand(`sallyport key create ${user} ci --scope start`)}
    </div>
  `;
}

/** The form for another one. */
export function renderKeyForm({ base, formToken }: KeysView): Markup {
  return html`
    <h2>Create a key</h2>
    <form method="post" action="${base}" class="panel card">
      ${formTokenField(formToken)}
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength="64"
        pattern="[A-Za-z0-9._\\-]+" title="letters, digits or . _ -"
        autocapitalize="none" spellcheck="false" autocomplete="off"
        placeholder="ci">
      <label for="scope">Opens</label>
      <select id="scope" name="scope">${renderChoices(SCOPES, "all")}</select>
      <label for="expires">Expires</label>
      <select id="expires" name="expires">
        ${renderChoices(
          LIFETIMES.map(([value, text]) => [value, text]),
          "never",
        )}
      </select>
      <button class="main">Create key</button>
    </form>
  `;
}

/** The new key, which nobody can show again. */
export function renderNewKey(
  { title, key, user, back }: {
    readonly title: string;
    readonly key: string;
    readonly user: string;
    /** Where to go when it was copied. */
    readonly back: string;
  },
): Markup {
  return html`
    <h1>${title}</h1>
    <p>Copy the key of <b>${user}</b> now: it is shown only this once.</p>
    <div class="secret">${renderCommand(key, "key")}</div>
    <p>
      Clients take it from the environment, as
      <code>SALLYPORT_ACCESS_KEY</code>; browsers as the password of the proxy,
      with the user name <code>${user}+TUNNEL</code>.
    </p>
    <p><a class="button main" href="${back}">I have copied it</a></p>
  `;
}
