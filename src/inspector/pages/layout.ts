/** Layout and paths of the client's pages: its status and its traffic. */
import { html } from "hono/html";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { Asset } from "../../web/assets.ts";
import {
  type Layout,
  type Markup,
  type PageLink,
  renderLayout,
} from "../../web/layout.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { ShellCommand } from "../../web/components/shell_command.ts";
import type { LiveStream } from "../../web/live/live_streams.ts";
import type { CsrfToken } from "../../web/security/csrf_token.ts";
import type { ExchangeStore } from "../record/exchange_store.ts";
import type { Replayer } from "../replay/replayer.ts";
import css from "./inspector.css" with { type: "text" };
import script from "./inspector.js" with { type: "text" };

/** Path of the list of exchanges. All other paths are below it. */
export const BASE = "/inspector";

/** Path of the page of an exchange. */
export function pathOf({ id }: Pick<ExchangeRecord, "id">): string {
  return `${BASE}/exchanges/${encodeURIComponent(id)}`;
}

/** Links in the banner of the client's pages. */
export const STATUS_LINK: PageLink = { path: "/", name: "Status" };
/** The second one, if there is an inspector. */
export const TRAFFIC_LINK: PageLink = {
  path: BASE,
  name: "Traffic",
  section: new RegExp(`^${BASE}/`),
};

/** Files that only the inspector's pages load. */
export const INSPECTOR_ASSETS: readonly Asset[] = [
  ["/inspector.css", css, "text/css; charset=utf-8"],
  ["/inspector.js", script, "text/javascript; charset=utf-8"],
];

const STYLE: Markup = html`
  <link rel="stylesheet" href="${BASE}/inspector.css">
  <script src="${BASE}/inspector.js" type="module"></script>
`;

/** The layout of the inspector's pages. */
export function inspectorLayout(version: string): Layout<ApiEnv> {
  return function layout(context, page) {
    return context.html(renderLayout({
      ...page,
      version,
      path: context.req.path,
      links: [STATUS_LINK, TRAFFIC_LINK],
      base: BASE,
      head: STYLE,
    }));
  };
}

/** What the inspector's pages are made of. */
export interface InspectorParts {
  readonly store: ExchangeStore;
  readonly replayer: Replayer;
  readonly csrfToken: CsrfToken;
  readonly stream: LiveStream;
  readonly layout: Layout<ApiEnv>;
  /** The client's version. */
  readonly version: string;
  /** Longest replay form in bytes: it contains the body. */
  readonly formLimit: number;
  /** A command that makes a first exchange, when it is known. */
  readonly example: () => ShellCommand | undefined;
}
