/**
 * What happened, and what must not have: the judge of the nemesis.
 *
 * @module
 */

/** A request of a browser, after its end. */
export interface Operation {
  /** Unique: it stands in the path, and in every part of the content. */
  readonly id: string;
  /** The tunnel that the browser asked for. */
  readonly tunnel: string;
  readonly method: "GET" | "POST";
  /** Milliseconds since the start, as all times here. */
  readonly from: number;
  readonly to: number;
  readonly result: Result;
}

/** How it ended, as the browser sees it. */
export type Result =
  /** A response that is complete by its own framing. */
  | {
    readonly kind: "response";
    readonly status: number;
    readonly text: string;
  }
  /** No response, or one that was cut short. `text` is what had come of its content. */
  | { readonly kind: "broken"; readonly why: string; readonly text: string };

/** A request that a site received. */
export interface Sighting {
  /** The tunnel whose site it is. */
  readonly site: string;
  readonly id: string;
  readonly method: string;
  /** Of the request's content, as far as it came. */
  readonly text: string;
}

/** A time in which requests of a tunnel may fail: from a fault to the first good request after it. */
export interface Trouble {
  /** `undefined`: all tunnels. */
  readonly tunnel: string | undefined;
  readonly from: number;
  /** `Infinity` while it lasts. */
  readonly to: number;
}

/** All of it. */
export interface History {
  readonly operations: readonly Operation[];
  readonly sightings: readonly Sighting[];
  readonly troubles: readonly Trouble[];
}

/** What a gateway says when it cannot reach the site, and nothing else. */
const FAILURES: readonly number[] = [502, 503, 504];

/** The content of a response or a request: each part of it names tunnel and request. */
export function contentOf(tunnel: string, id: string, length: number): string {
  const part = `${tunnel}/${id}.`;
  return part.repeat(Math.ceil(length / part.length)).slice(0, length);
}

/** Every broken promise, in one sentence each. */
export function judge({ operations, sightings, troubles }: History): string[] {
  const broken: string[] = [];
  const byId = new Map(operations.map((each) => [each.id, each]));
  for (const operation of operations) {
    const why = faultOf(operation, troubles);
    if (why !== undefined) broken.push(`${nameOf(operation)} ${why}`);
  }
  const posts = new Map<string, number>();
  for (const { site, id, method, text } of sightings) {
    const operation = byId.get(id);
    const sent = operation === undefined
      ? undefined
      : contentOf(operation.tunnel, id, text.length);
    if (operation === undefined) broken.push(`${site} saw unknown ${id}`);
    else if (operation.tunnel !== site) {
      broken.push(`${nameOf(operation)} reached the site of ${site}`);
    } else if (sent !== text) {
      broken.push(`${nameOf(operation)} arrived with other content`);
    }
    if (method === "POST") posts.set(id, (posts.get(id) ?? 0) + 1);
  }
  for (const [id, times] of posts) {
    if (times > 1) broken.push(`POST ${id} was sent ${times} times`);
  }
  return broken;
}

/** What is wrong with an operation; `undefined` when nothing is. */
function faultOf(
  { id, tunnel, from, to, result }: Operation,
  troubles: readonly Trouble[],
): string | undefined {
  const { text } = result;
  const isExcused = troubles.some((trouble) =>
    (trouble.tunnel === undefined || trouble.tunnel === tunnel) &&
    trouble.from <= to && from <= trouble.to
  );
  if (result.kind === "broken") {
    if (!isStartOf(text, tunnel, id)) return `got other content: ${show(text)}`;
    return isExcused ? undefined : `failed without a fault: ${result.why}`;
  }
  const { status } = result;
  if (status === 200) {
    const [length = "", content = ""] = text.split(/:(.*)/s);
    if (content === contentOf(tunnel, id, Number(length))) return undefined;
    return `got other content: ${show(text)}`;
  }
  if (!FAILURES.includes(status)) return `got status ${status}: ${show(text)}`;
  return isExcused ? undefined : `got ${status} without a fault: ${show(text)}`;
}

/** Whether a response that was cut short began as it should. */
function isStartOf(text: string, tunnel: string, id: string): boolean {
  if (text === "" || /^\d+$/.test(text)) return true;
  const [, content = ""] = text.split(/:(.*)/s);
  return /^\d+:/.test(text) &&
    content === contentOf(tunnel, id, content.length);
}

function nameOf({ method, id, tunnel }: Operation): string {
  return `${method} ${id} of ${tunnel}`;
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
