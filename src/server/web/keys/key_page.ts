/** Access keys on pages: the list, the form for a new one, the new one itself. */
import { html } from "hono/html";
import type { KeyScope } from "../../../api/resources/account_types.ts";
import { renderCommand } from "../../../web/components/copyable.ts";
import { renderEmptyState } from "../../../web/components/empty_state.ts";
import { type Choice, renderOptions } from "../../../web/components/form.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import { renderTimestamp } from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import { renderCsrfField } from "../../../web/security/csrf_token.ts";
import type { KeySummary } from "../../accounts/accounts.ts";

const DAY = 24 * 60 * 60 * 1000;

/** The lifetimes that the form offers. `undefined` is without end. */
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
  ["all", "all: everything that the user may do"],
  ["start", "start: start and stop one's own tunnels"],
  ["use", "use: the proxy port, for browsers"],
  ["read", "read: the REST API and these pages, read-only"],
];

/** The user whose keys are shown. */
export interface KeysView {
  readonly user: string;
  /** Path of their keys: `/keys`. */
  readonly base: string;
  readonly csrfToken: string;
}

/** The page of one's own keys. */
export function renderKeysPage(
  keys: readonly KeySummary[],
  view: KeysView,
): Markup {
  return html`
    <h1>Access keys</h1>
    <p class="summary">
      Programs and browsers log in with a key. Give each machine its own, with the
      smallest scope that it needs.
    </p>
    ${keys.length === 0 ? NO_KEY : renderKeys(keys, view)}
    ${keys.length === 1 ? renderOnlyKey(view.user) : ""}
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
    renderTimestamp(key.createdAt),
    renderTimestamp(key.expiresAt),
    renderTimestamp(key.lastUsedAt),
    html`
      <a
        href="${base}/${name}/revoke">Revoke<span class="visually-hidden">${` ${name}`}</span> …</a>
    `,
  ]);
  return renderTable({ caption: "Access keys, by name", columns, rows });
}

const NO_KEY = renderEmptyState(
  "You have no key.",
  html`<p>Clients and browsers need one. Create it below.</p>`,
);

function renderOnlyKey(user: string): Markup {
  return renderEmptyState(
    "You have only one key.",
    html`
      <p>
        Give your CI its own key that can only start and stop tunnels. Create it
        below, or on the server:
      </p>
      ${renderCommand(`sallyport key create ${user} ci --scope start`)}
    `,
  );
}

/** The form for a new key. */
export function renderKeyForm({ base, csrfToken }: KeysView): Markup {
  return html`
    <h2>Create a key</h2>
    <form method="post" action="${base}" class="panel card">
      ${renderCsrfField(csrfToken)}
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength="64"
        pattern="[A-Za-z0-9._\\-]+" title="letters, digits or . _ -"
        autocapitalize="none" spellcheck="false" autocomplete="off"
        placeholder="ci">
      <label for="scope">Scope</label>
      <select id="scope" name="scope">${renderOptions(SCOPES, "all")}</select>
      <label for="expires">Expires</label>
      <select id="expires" name="expires">
        ${renderOptions(
          LIFETIMES.map(([value, text]) => [value, text]),
          "never",
        )}
      </select>
      <button class="primary">Create key</button>
    </form>
  `;
}

/** The page with a new key. It cannot be shown again. */
export function renderNewKey(
  { title, key, user, back }: {
    readonly title: string;
    readonly key: string;
    readonly user: string;
    /** Path of the page to continue with. */
    readonly back: string;
  },
): Markup {
  return html`
    <h1>${title}</h1>
    <p>Copy the key of <b>${user}</b> now: it is shown only once.</p>
    <div class="secret">${renderCommand(key, "key")}</div>
    <p>
      Clients read it from the environment variable
      <code>SALLYPORT_ACCESS_KEY</code>. Browsers send it as the password of the
      proxy, with the user name <code>${user}+TUNNEL</code>.
    </p>
    <p><a class="button primary" href="${back}">I have copied it</a></p>
  `;
}
