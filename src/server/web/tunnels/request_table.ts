/** The latest requests of a tunnel: what went where, and how it ended. */
import { html } from "hono/html";
import { hideInUrl } from "../../../log/http_message.ts";
import { renderSection } from "../../../web/components/empty_state.ts";
import {
  renderState,
  type StateLabel,
} from "../../../web/components/state_label.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import {
  formatDuration,
  formatElapsed,
  formatSize,
} from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import type { RecentRequest } from "../../tunnels/recent/recent_requests.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

const COLUMNS: readonly Column[] = [
  "When",
  "Method",
  ["Host and path", "words"],
  "Status",
  ["First byte", "number"],
  ["Total", "number"],
  ["Sent", "number"],
  ["Received", "number"],
  ["Job", "words"],
  ["Session", "number"],
];

/** Whose requests a viewer sees. */
export interface RequestTableView {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The viewer, where only own requests are shown; `undefined` shows all. */
  readonly onlyOf: string | undefined;
}

/** The table, or why there is none. */
export function renderRequests(
  tunnel: Tunnel,
  { now, onlyOf }: RequestTableView,
): Markup {
  const { requests } = tunnel;
  if (requests === undefined) {
    return renderSection("Requests", {
      content: undefined,
      none: "The server keeps none (--tunnel-requests 0).",
    });
  }
  const list = requests.list().filter(({ user }) =>
    onlyOf === undefined || user === onlyOf
  );
  const numbers = new Map(tunnel.sessions.map(({ id }, at) => [id, at + 1]));
  const content = list.length === 0 ? undefined : html`
    ${onlyOf === undefined ? "" : OWN_ONLY} ${renderTable({
      caption: "The latest requests, newest first",
      columns: COLUMNS,
      rows: list.map((each) => rowOf(each, { now, numbers })),
    })}
    <p class="hint">
      Without fields, content and query. Sizes are as declared. What goes past the
      tunnel is not listed.
    </p>
  `;
  return renderSection("Requests", { content, none: "No requests yet." });
}

const OWN_ONLY = html`
  <p class="hint">Only yours: the owner of the tunnel sees all.</p>
`;

function rowOf(
  request: RecentRequest,
  { now, numbers }: {
    readonly now: number;
    readonly numbers: ReadonlyMap<string, number>;
  },
): readonly (string | Markup)[] {
  const { at, method, host, path = "", job, session } = request;
  const { firstByteAfter, endAfter, sent, received } = request;
  return [
    `${formatDuration(now - at)} ago`,
    method,
    html`<code>${hideInUrl(host + path)}</code>`,
    renderState(labelOf(request)),
    timeOf(firstByteAfter),
    timeOf(endAfter),
    sizeOf(sent),
    sizeOf(received),
    job === undefined ? "–" : html`<code>${job}</code>`,
    String(numbers.get(session) ?? "closed"),
  ];
}

function labelOf({ status, endAfter, isCut }: RecentRequest): StateLabel {
  if (status === undefined) {
    return endAfter === undefined
      ? { className: "waiting", text: "waiting" }
      : { className: "bad", text: "no response" };
  }
  if (isCut) return { className: "bad", text: `${status}, cut short` };
  if (status >= 500) return { className: "bad", text: String(status) };
  return { className: status >= 400 ? "odd" : "good", text: String(status) };
}

function timeOf(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "–" : formatElapsed(milliseconds);
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined ? "–" : formatSize(bytes);
}
