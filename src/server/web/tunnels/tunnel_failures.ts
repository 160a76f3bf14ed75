/**
 * The last exchanges of a tunnel that failed.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "../../../web/shell.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import { durationText } from "./duration_text.ts";
import { renderSection } from "../../../web/section.ts";
import { renderTable } from "../../../web/table.ts";

/** The failures, the last one first. */
export function renderFailures({ failures }: Tunnel, now: number): Markup {
  const list = failures.list();
  const content = list.length === 0 ? undefined : renderTable({
    caption: "Requests that failed at the server or the client, newest first",
    columns: ["When", "Method", ["Host", "words"], "Status", "Reason"],
    rows: list.map(({ at, method, host, status, reason }) => [
      `${durationText(now - at)} ago`,
      method,
      host,
      String(status),
      html`<code>${reason}</code>`,
    ]),
  });
  return renderSection("Recent errors", { content, none: "None." });
}
