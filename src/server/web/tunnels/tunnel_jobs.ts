/**
 * The jobs that a tunnel is running.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "../../../web/shell.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import { durationText } from "./duration_text.ts";
import { renderSection } from "../../../web/section.ts";
import { renderTable } from "../../../web/table.ts";

/** Jobs that are shown; the REST API has all. */
const MAX_ROWS = 50;

/** The jobs, those that have been running for longest first. */
export function renderJobs(
  { jobs, otherExchanges }: Tunnel,
  now: number,
): Markup {
  const list = jobs.list();
  const more = list.length - MAX_ROWS;
  const content = list.length === 0 ? undefined : html`
    ${renderTable({
      caption: "Jobs with requests under way, oldest first",
      columns: [["Job", "words"], "Running for", ["Requests", "number"]],
      rows: list.slice(0, MAX_ROWS).map(({ id, exchanges, since }) => [
        html`<code>${id}</code>`,
        durationText(now - since),
        String(exchanges),
      ]),
    })}
    ${more > 0 ? html`<p class="hint">And ${more} more.</p>` : ""}
    ${otherExchanges > 0
      ? html`<p class="hint">Requests without a job: ${otherExchanges}</p>`
      : ""}
  `;
  const none = "No request under way names a job.";
  return renderSection("Jobs", { content, none });
}
