/** Where the time of an exchange went: a bar for each phase, one after the other. */
import { html } from "hono/html";
import { formatElapsed } from "../../web/format.ts";
import type { Markup } from "../../web/layout.ts";
import type {
  ExchangePhase,
  ExchangeRecord,
} from "../record/exchange_record.ts";

const PHASES: readonly (readonly [ExchangePhase, string])[] = [
  ["dns", "DNS"],
  ["connect", "Connect"],
  ["tls", "TLS"],
  ["wait", "Wait"],
  ["download", "Download"],
];

/** The bars; nothing before any phase has ended. */
export function renderPhases({ phases }: ExchangeRecord): Markup | "" {
  const known = PHASES.flatMap(([phase, name]) => {
    const time = phases[phase];
    return time === undefined ? [] : [{ name, time }];
  });
  const total = known.reduce((sum, { time }) => sum + time, 0);
  if (known.length === 0 || total === 0) return "";
  let start = 0;
  const rows = known.map(({ name, time }) => {
    const row = renderPhase(name, time, { start, total });
    start += time;
    return row;
  });
  return html`
    <h2>Time</h2>
    <dl class="panel phases">
      ${rows}
    </dl>
    ${phases.connect === undefined && phases.wait !== undefined
      ? html`<p class="hint">The connection was used again.</p>`
      : ""}
  `;
}

/** Presentation attributes of SVG need no inline style, which the policy forbids. */
function renderPhase(
  name: string,
  time: number,
  { start, total }: { readonly start: number; readonly total: number },
): Markup {
  const percent = (part: number) => (100 * part / total).toFixed(2);
  return html`
    <div>
      <dt>${name}</dt>
      <dd>
        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect x="${percent(start)}" y="0" width="${percent(
            time,
          )}" height="8" />
        </svg>
        ${formatElapsed(time)}
      </dd>
    </div>
  `;
}
