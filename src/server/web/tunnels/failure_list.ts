/** Why the requests of a tunnel fail: sentence, party at fault, remedy, and how often. */
import { html } from "hono/html";
import { hideInUrl } from "../../../log/http_message.ts";
import { adviceFor } from "../../../proxy/errors/error_advice.ts";
import { formatDuration } from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import type { FailureGroup } from "../../tunnels/recent/failure_groups.ts";
import { SLOW_AFTER } from "../../tunnels/recent/recent_requests.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** Whose fault it is, and what to do. */
interface Advice {
  readonly fault: string;
  readonly remedy: string;
}

/** Advice about what sites do. */
const SITES: Readonly<Record<string, Advice>> = {
  ["site_status"]: {
    fault: "the site",
    remedy:
      "Look into the log of the site: the tunnel has carried its response",
  },
  ["site_cut"]: {
    fault: "the site",
    remedy: "Look into the log of the site, and of proxies before it",
  },
  ["site_slow"]: {
    fault: "the site",
    remedy: "Look into the log of the site: the request has reached it",
  },
  ["site_waits"]: {
    fault: "the site",
    remedy: "Wait, or look into the log of the site: the request is on its way",
  },
};

const UNKNOWN: Advice = {
  fault: "unknown",
  remedy: "Look into the log of the client",
};

/** The failures of a tunnel, the last one first, with those that may become some. */
export function failuresOf(
  { failures, requests }: Tunnel,
  now: number,
): readonly FailureGroup[] {
  const waiting = new Map<string, FailureGroup>();
  for (const { status, endAfter, at, ...rest } of facts(requests?.list())) {
    const isSlow = status === undefined && endAfter === undefined &&
      now - at >= SLOW_AFTER;
    if (!isSlow) continue;
    const before = waiting.get(rest.host);
    waiting.set(rest.host, {
      ...{ host: rest.host, path: rest.path, job: rest.job, status },
      reason: "site_waits",
      sentence: `The site has not responded for ${formatDuration(now - at)}`,
      count: (before?.count ?? 0) + 1,
      ...{ first: at, last: before?.last ?? at },
    });
  }
  return [...waiting.values(), ...failures.groups.list()];
}

type Listed = ReturnType<NonNullable<Tunnel["requests"]>["list"]>;

/** Getters are not copied by a spread. */
function facts(list: Listed = []) {
  return list.map(({ host, path, job, status, endAfter, at }) => ({
    ...{ host, path, job, status, endAfter, at },
  }));
}

/** The list. */
export function renderFailureList(
  groups: readonly FailureGroup[],
  now: number,
): Markup {
  return html`
    <ul class="failures">
      ${groups.map((group) => renderGroup(group, now))}
    </ul>
  `;
}

function renderGroup(group: FailureGroup, now: number): Markup {
  const { reason, sentence, host, path = "", job, status, count } = group;
  const { fault, remedy } = adviceOf(reason);
  const place = hideInUrl(host + path);
  return html`
    <li>
      <p class="sentence">${hideInUrl(sentence)}.</p>
      <p>${remedy}.</p>
      <p class="hint">
        <span class="badge">${fault}</span>
        ${place === "" ? "" : html`
          <code>${place}</code> ·
        `}
        ${job === undefined ? "" : html`
          job <code>${job}</code> ·
        `}
        ${status ?? ""} <code>${reason}</code> · ${timesOf(count)}${count > 1
          ? html`, first ${ago(group.first, now)}, last`
          : ","} ${ago(group.last, now)}
      </p>
    </li>
  `;
}

function adviceOf(reason: string): Advice {
  const known = adviceFor(reason);
  if (known !== undefined) {
    return { fault: known.fault, remedy: known.remedies[0] };
  }
  return (Object.hasOwn(SITES, reason) ? SITES[reason] : undefined) ?? UNKNOWN;
}

function timesOf(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function ago(at: number, now: number): string {
  return `${formatDuration(now - at)} ago`;
}
