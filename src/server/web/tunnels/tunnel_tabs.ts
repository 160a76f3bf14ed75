/** The tabs of a tunnel's page: links, so that they need no script. */
import { html } from "hono/html";
import type { Markup } from "../../../web/layout.ts";

/** The tabs, in order. */
const TABS = [
  ["overview", "Overview"],
  ["requests", "Requests"],
  ["errors", "Errors"],
  ["sessions", "Sessions"],
  ["settings", "Settings"],
] as const;

/** One of them. */
export type TunnelTab = (typeof TABS)[number][0];

/** Reads the tab of a query. Unknown ones mean the first. */
export function readTab(text: string | undefined): TunnelTab {
  return TABS.find(([tab]) => tab === text)?.[0] ?? "overview";
}

/** The query of a tab; none of the first. */
export function queryOfTab(tab: TunnelTab): string {
  return tab === "overview" ? "" : `?tab=${tab}`;
}

/** The links. */
export function renderTabs(path: string, shown: TunnelTab): Markup {
  return html`
    <nav class="tabs" aria-label="Parts of this page">
      ${TABS.map(([tab, name]) =>
        html`
          <a href="${path}${queryOfTab(tab)}" ${tab === shown
            ? html`
              aria-current="page"
            `
            : ""}>${name}</a>
        `
      )}
    </nav>
  `;
}
