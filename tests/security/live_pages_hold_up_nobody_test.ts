/** Promise: however many pages somebody keeps live, and however much there is to see on them, others wait for it no more than a moment. */
import assert from "node:assert/strict";
import { USER } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { within } from "../testing/deadline.ts";

const OTHER = { name: "other", key: "other-key-123456" } as const;

/** As many as one user may have, less those that come and go. */
const TUNNELS = 96;
const PAGES = 50;
const CHANGES = 25;
const MAX_CALLS = 20_000;
/**
 * How much longer calls of another user may take beside all pages than beside
 * one. All searches in one piece made it 14 times. That pages take turns is held
 * without a clock by `tests/web/live/live_streams_test.ts`.
 */
const MAX_RATIO = 12;
/** Milliseconds. Shorter ones say nothing about waiting: a busy machine makes them too. */
const LEAST = 20;

/** As much as a tunnel may say of itself. */
const METADATA = {
  "hostname": "h".repeat(200),
  "extra": Object.fromEntries(
    Array.from({ length: 64 }, (_, at) => [`key-${at}`, "v".repeat(250)]),
  ),
};

interface Caller {
  readonly url: string;
  /** Keeps its connection, so that calls are measured and not handshakes. */
  readonly client: Deno.HttpClient;
}

/** Calls the REST API as somebody. */
async function call(
  { url, client }: Caller,
  { user = USER, method = "GET", path = "", body }: {
    readonly user?: typeof USER | typeof OTHER;
    readonly method?: string;
    readonly path?: string;
    readonly body?: unknown;
  },
): Promise<string> {
  const answer = await fetch(`${url}/rest/v1/${user.name}/tunnels${path}`, {
    ...{ client, method },
    headers: {
      "Authorization": `Basic ${btoa(`${user.name}:${user.key}`)}`,
      "Content-Type": "application/json",
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text;
}

async function create(caller: Caller, name: string): Promise<string> {
  const body = { "tunnel_identifier": name, metadata: METADATA };
  const text = await call(caller, { method: "POST", body });
  return /"id":"([0-9a-f]+)"/.exec(text)?.[1] ?? assert.fail(text);
}

/** Keeps the list live and reads what comes, until disposed. */
async function openPage(
  { url, client }: Caller,
  query: string,
): Promise<Disposable> {
  const gone = new AbortController();
  const answer = await fetch(`${url}/events?${query}`, {
    client,
    signal: gone.signal,
    headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
  });
  assert.equal(answer.status, 200);
  void drain(answer);
  return { [Symbol.dispose]: () => gone.abort() };
}

async function drain({ body }: Response): Promise<void> {
  try {
    for await (const _piece of body ?? []);
  } catch {
    // It was closed.
  }
}

/** Makes tunnels come and go: every page has news all the time. */
async function change(caller: Caller): Promise<void> {
  for (let count = 0; count < CHANGES; count += 1) {
    const id = await create(caller, "news");
    await call(caller, { method: "DELETE", path: `/${id}` });
  }
}

/** How long calls of another user take until `over`, in milliseconds, the shortest first. */
async function timesUntil(
  over: Promise<void>,
  caller: Caller,
): Promise<readonly number[]> {
  const times: number[] = [];
  let isOver = false;
  void over.finally(() => isOver = true);
  while (!isOver && times.length < MAX_CALLS) {
    const start = performance.now();
    await call(caller, { user: OTHER });
    times.push(performance.now() - start);
  }
  return times.toSorted((left, right) => left - right);
}

for (
  const [what, queryOf] of [
    ["the same list", () => ""],
    ["fifty searches", (page: number) => `q=${"v".repeat(page)}`],
  ] as const
) {
  Deno.test(`another user's calls get responses while fifty pages show ${what} of ninety-six tunnels`, async () => {
    await using server = await startServerProgram({
      env: {
        SALLYPORT_USERS: `${USER.name}:${USER.key},${OTHER.name}:${OTHER.key}`,
      },
    });
    const ca = await Deno.readTextFile(server.caFile);
    using client = Deno.createHttpClient({ caCerts: [ca] });
    using others = Deno.createHttpClient({ caCerts: [ca] });
    const { url } = server;
    const caller = { url, client };
    for (let at = 0; at < TUNNELS; at += 1) await create(caller, `lab-${at}`);
    using pages = new DisposableStack();
    const open = async (page: number) =>
      pages.use(await openPage(caller, queryOf(page)));
    /** Ninety-nine of a hundred calls of another user take no longer, while tunnels come and go. */
    const timeOfCalls = async () => {
      const changing = change(caller);
      const calls = timesUntil(changing, { url, client: others });
      const times = await within(calls, "the calls", 120_000);
      await changing;
      return times[Math.floor(0.99 * times.length)] ?? Infinity;
    };

    await within(open(0), "the first page");
    const besideOne = await timeOfCalls();
    for (let page = 1; page < PAGES; page += 1) {
      await within(open(page), `page ${page}`);
    }
    const besideAll = await timeOfCalls();

    const ratio = besideAll / Math.max(besideOne, LEAST);
    assert.ok(ratio < MAX_RATIO, `${besideAll} ms instead of ${besideOne} ms`);
  });
}
