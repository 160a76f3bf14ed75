/** The audit log of the organization, for its admins: `/audit`. */
import { Hono } from "hono";
import { html } from "hono/html";
import type { AuditAction } from "../../../api/resources/account_types.ts";
import { renderCommand } from "../../../web/components/copyable.ts";
import { renderEmptyState } from "../../../web/components/empty_state.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import { renderTimestamp } from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import { AccountService } from "../../accounts/account_service.ts";
import type { AuditEntry } from "../../accounts/audit_log.ts";
import { actorOf } from "../../rest/authentication.ts";
import type { AccountRoutesOptions } from "../keys/key_routes.ts";
import type { PageEnv } from "../session/sign_in.ts";

/** Rows of one page. A link leads to older ones. */
const ROWS = 100;

const ACTION_TEXTS: Readonly<Record<AuditAction, string>> = {
  "tunnel_started": "started the tunnel",
  "tunnel_stopped": "stopped the tunnel",
  "tunnel_replaced": "replaced the tunnel",
  "tunnel_used": "used the tunnel",
  "user_added": "added the user",
  "user_changed": "changed the user",
  "user_removed": "removed the user",
  "user_disabled": "disabled the user",
  "user_enabled": "enabled the user",
  "key_created": "created the key",
  "key_revoked": "revoked the key",
  "organization_created": "created the organization",
  "organization_changed": "changed the organization",
  "organization_removed": "removed the organization",
  "invitation_created": "made the invitation",
  "invitation_revoked": "revoked the invitation",
  "invitation_used": "used the invitation",
  "signed_in": "signed in",
  "sign_in_refused": "was refused at the sign-in",
  "signed_out": "was signed out",
  "login_throttled": "failed to log in too often",
};

/** The part of the log that is shown. */
interface AuditFilter {
  readonly user: string;
  /** Id of the entry that follows the page. */
  readonly before: number | undefined;
}

/** `GET /audit`. */
export function auditRoutes(
  { accounts, layout }: Pick<AccountRoutesOptions, "accounts" | "layout">,
): Hono<PageEnv> {
  return new Hono<PageEnv>().get("/audit", async (context) => {
    const filter = readFilter(new URL(context.req.url).searchParams);
    const service = new AccountService(accounts, actorOf(context));
    const entries = await service.audit({
      user: filter.user || undefined,
      before: filter.before,
      limit: ROWS,
    });
    const main = renderAuditPage(entries, filter);
    return layout(context, { title: "Audit log", main });
  });
}

function readFilter(query: URLSearchParams): AuditFilter {
  const before = query.get("before") ?? "";
  return {
    user: (query.get("user") ?? "").trim(),
    before: /^\d{1,12}$/.test(before) ? Number(before) : undefined,
  };
}

function renderAuditPage(
  entries: readonly AuditEntry[],
  filter: AuditFilter,
): Markup {
  return html`
    <h1>Audit log</h1>
    <p class="summary">Who did what in your organization, newest first</p>
    <form method="get" action="/audit" role="search" class="filter">
      <p class="wide">
        <label for="user">User</label>
        <input id="user" name="user" type="search" value="${filter.user}"
          autocapitalize="none" spellcheck="false">
      </p>
      <button>Show</button>
    </form>
    ${entries.length === 0 ? renderEmpty(filter) : renderTable({
      caption: "Newest first",
      columns: COLUMNS,
      rows: entries.map(rowOf),
    })}
    ${renderOlder(entries, filter)}
  `;
}

const COLUMNS: readonly Column[] = [
  "Time",
  ["User", "words"],
  "Action",
  ["Object", "words"],
  ["Details", "words"],
];

/** The id of a tunnel. */
const ID = /^[0-9a-f]{32}$/;

function rowOf(
  { at, by, action, user, object, detail }: AuditEntry,
): readonly (string | Markup)[] {
  const login = [by.key && `key ${by.key}`, by.address].filter(Boolean)
    .join(", ");
  return [
    renderTimestamp(at),
    html`<span><b>${by.user}</b> ${
      login === "" ? "" : html`<small>${login}</small>`
    }</span>`,
    ACTION_TEXTS[action],
    [object, user].filter(Boolean).join(" of "),
    ID.test(detail) ? html`<code>${detail}</code>` : detail || "–",
  ];
}

function renderEmpty({ user, before }: AuditFilter): Markup {
  if (user !== "") {
    return renderEmptyState(
      `No entry about “${user}”.`,
      html`
        <p>
          Enter the full name of a user. Entries by and about this user are found.
          <a href="/audit">Show all</a>
        </p>
      `,
    );
  }
  if (before !== undefined) {
    return renderEmptyState(
      "There are no older entries.",
      html`<p><a href="/audit">Show the newest</a></p>`,
    );
  }
  return renderEmptyState(
    "The log is empty.",
    html`
      <p>
        It will list who starts, stops and uses tunnels, and who changes users and
        keys. Start with a tunnel:
      </p>
      ${renderCommand("sallyport run --tunnel-name my-tunnel")}
    `,
  );
}

function renderOlder(
  entries: readonly AuditEntry[],
  { user }: AuditFilter,
): Markup | "" {
  const last = entries.at(-1);
  if (last === undefined || entries.length < ROWS) return "";
  const query = new URLSearchParams({ user, before: String(last.id) });
  return html`<p><a class="button" href="/audit?${
    String(query)
  }">Older</a></p>`;
}
