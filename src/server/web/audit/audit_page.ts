/**
 * The audit log of the organization, for its admins: `/audit`.
 *
 * @module
 */
import { Hono } from "hono";
import { html } from "hono/html";
import type { AuditAction } from "../../../api/resources/account_types.ts";
import type { Markup } from "../../../web/shell.ts";
import { AccountService } from "../../accounts/account_service.ts";
import type { AuditEntry } from "../../accounts/audit_log.ts";
import { actorOf } from "../../rest/authentication.ts";
import { renderMoment } from "../tunnels/moment.ts";
import { type Column, renderTable } from "../../../web/table.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { renderCommand } from "../../../web/command.ts";

/** Rows of one page; older ones are a link away. */
const ROWS = 100;

const WORDS: Readonly<Record<AuditAction, string>> = {
  "tunnel_started": "started the tunnel",
  "tunnel_stopped": "stopped the tunnel",
  "tunnel_replaced": "replaced the tunnel",
  "tunnel_used": "used the tunnel",
  "user_added": "added the user",
  "user_changed": "changed the user",
  "user_removed": "removed the user",
  "key_created": "created the key",
  "key_revoked": "revoked the key",
  "organization_created": "created the organization",
  "organization_changed": "changed the organization",
  "organization_removed": "removed the organization",
  "signed_in": "signed in",
  "login_throttled": "failed to log in too often",
};

/** What of the log somebody wants to see. */
interface AuditView {
  readonly user: string;
  readonly before: number | undefined;
}

/** The route. */
export function auditRoutes(
  { accounts, frame }: Pick<AccountRoutesOptions, "accounts" | "frame">,
): Hono<PageEnv> {
  return new Hono<PageEnv>().get("/audit", (context) => {
    const view = viewIn(new URL(context.req.url).searchParams);
    const entries = new AccountService(accounts, actorOf(context)).audit({
      user: view.user || undefined,
      before: view.before,
      limit: ROWS,
    });
    const main = renderAuditPage(entries, view);
    return frame(context, { title: "Audit log", main });
  });
}

function viewIn(query: URLSearchParams): AuditView {
  const before = query.get("before") ?? "";
  return {
    user: (query.get("user") ?? "").trim(),
    before: /^\d{1,12}$/.test(before) ? Number(before) : undefined,
  };
}

function renderAuditPage(
  entries: readonly AuditEntry[],
  view: AuditView,
): Markup {
  return html`
    <h1>Audit log</h1>
    <p class="summary">Who did what in your organization, newest first</p>
    <form method="get" action="/audit" role="search" class="filter">
      <p class="wide">
        <label for="user">User</label>
        <input id="user" name="user" type="search" value="${view.user}"
          autocapitalize="none" spellcheck="false">
      </p>
      <button>Show</button>
    </form>
    ${entries.length === 0 ? renderNothing(view) : renderTable({
      caption: "Newest first",
      columns: COLUMNS,
      rows: entries.map(rowOf),
    })}
    ${renderOlder(entries, view)}
  `;
}

const COLUMNS: readonly Column[] = [
  "Time",
  ["Who", "words"],
  "What",
  ["Which", "words"],
  ["Details", "words"],
];

/** The id of a tunnel. */
const ID = /^[0-9a-f]{32}$/;

function rowOf(
  { at, by, action, user, object, detail }: AuditEntry,
): readonly (string | Markup)[] {
  const way = [by.key && `key ${by.key}`, by.address].filter(Boolean).join(
    ", ",
  );
  return [
    renderMoment(at),
    html`<span><b>${by.user}</b> ${
      way === "" ? "" : html`<small>${way}</small>`
    }</span>`,
    WORDS[action],
    [object, user].filter(Boolean).join(" of "),
    ID.test(detail) ? html`<code>${detail}</code>` : detail || "–",
  ];
}

function renderNothing({ user, before }: AuditView): Markup {
  if (user !== "") {
    return html`
      <div class="panel empty">
        <p>Nothing is known of “${user}”.</p>
        <p>
          Give the whole name of a user, whoever did it or whoever it was done
          to. <a href="/audit">Show all</a>
        </p>
      </div>
    `;
  }
  if (before !== undefined) {
    return html`
      <div class="panel empty">
        <p>Nothing is older than that.</p>
        <p><a href="/audit">Show the newest</a></p>
      </div>
    `;
  }
  return html`
    <div class="panel empty">
      <p>Nothing has happened yet.</p>
      <p>
        Here stands who starts, stops and uses tunnels and who changes users and
        keys. Begin with a tunnel:
      </p>
      ${renderCommand("sallyport run --tunnel-name my-tunnel")}
    </div>
  `;
}

function renderOlder(
  entries: readonly AuditEntry[],
  { user }: AuditView,
): Markup | "" {
  const last = entries.at(-1);
  if (last === undefined || entries.length < ROWS) return "";
  const query = new URLSearchParams({ user, before: String(last.id) });
  return html`<p><a class="button" href="/audit?${
    String(query)
  }">Older</a></p>`;
}
