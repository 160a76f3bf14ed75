/**
 * `sallyport/playwright`: a tunnel around the tests of Playwright Test. Each test
 * is a job of its own, and its failures say what the tunnel says.
 *
 * @module
 */
import { withJob } from "../client/program/tunnel.ts";
import {
  explain,
  failuresIn,
  proxyAround,
  recordsOf,
  startAroundTests,
} from "./around_tests.ts";
import { jobName } from "./job_names.ts";
import type { NodeTunnelOptions } from "./start_tunnel.ts";

/** How the tests use the tunnel. */
export interface TestsOptions {
  /** When the requests of a test are attached as a HAR file. Default `on-failure`. */
  readonly har?: "on-failure" | "always" | "never";
}

/** What Playwright calls before all tests. What it returns is called after them. */
export type GlobalSetup = () => Promise<() => Promise<void>>;

/**
 * The `globalSetup` of Playwright: starts the tunnel before all tests, and stops
 * it after them.
 *
 * @param options As `startTunnel()` has them.
 */
export function tunnelSetup(options: NodeTunnelOptions): GlobalSetup {
  return async function setUpTunnel() {
    const tunnel = await startAroundTests(options);
    return () => tunnel.stop({ reason: "the tests have ended", timeout: 0 });
  };
}

/** The part of Playwright's `test` that is used. */
interface Extendable {
  extend(fixtures: object): unknown;
}

/** The part of its `TestInfo`. */
interface TestRun {
  readonly titlePath: readonly string[];
  readonly status?: string;
  readonly expectedStatus: string;
  attach(
    name: string,
    content: { readonly body: string; readonly contentType: string },
  ): Promise<void>;
}

/** The part of its `Page`. */
interface BrowserPage {
  goto(url: string, ...rest: unknown[]): Promise<unknown>;
  reload(...rest: unknown[]): Promise<unknown>;
  url(): string;
}

/** The part of its `BrowserContext`. */
interface BrowserTab {
  on(event: "page", listener: (page: BrowserPage) => void): unknown;
}

/** Every test's job, by what Playwright knows of its run. */
const jobs = new WeakMap<TestRun, string>();
/** What tests have failed with already. */
const told = new WeakMap<TestRun, Set<string>>();

/**
 * Playwright's `test` in the tunnel: browsers use it as their proxy, each test as
 * a job of its own. A page that cannot be opened fails with the tunnel's
 * sentence, and a test that fails gets its requests as `sallyport.har`.
 *
 * @param base `test` of `@playwright/test`, or what extends it.
 */
export function withTunnel<Test>(
  base: Test,
  { har = "on-failure" }: TestsOptions = {},
): Test {
  const fixtures = {
    proxy: async (
      // Playwright reads the names of fixtures here: none.
      {}: object,
      use: (proxy: object) => Promise<void>,
      run: TestRun,
    ): Promise<void> => {
      const proxy = withJob(proxyAround(), jobOf(run));
      // Chromium asks no proxy for loopback addresses by default.
      await use({ ...proxy, bypass: "<-loopback>" });
    },
    context: async (
      { context }: { readonly context: BrowserTab },
      use: (context: BrowserTab) => Promise<void>,
      run: TestRun,
    ): Promise<void> => {
      context.on("page", (page) => explainFailures(page, run));
      await use(context);
      await report(run, har);
    },
  };
  return (base as unknown as Extendable).extend(fixtures) as Test;
}

function jobOf(run: TestRun): string {
  const job = jobs.get(run) ?? jobName(run.titlePath.join(" "));
  jobs.set(run, job);
  return job;
}

/** Navigations that fail say why. */
function explainFailures(page: BrowserPage, run: TestRun): void {
  const { goto, reload } = page;
  page.goto = async (url, ...rest) => {
    try {
      return await goto.call(page, url, ...rest);
    } catch (error) {
      throw await explained(error, absolute(url, error), run);
    }
  };
  page.reload = async (...rest) => {
    try {
      return await reload.call(page, ...rest);
    } catch (error) {
      throw await explained(error, page.url(), run);
    }
  };
}

/** A browser says where it failed, and a relative URL does not. */
function absolute(url: string, error: unknown): string {
  const [, said] = / at (https?:\/\/\S+)/.exec(String(error)) ?? [];
  return said ?? url;
}

/** What browsers say when the network fails them. */
const OF_NETWORK = /net::ERR_|NS_ERROR_|Could not connect|proxy/i;

async function explained(
  error: unknown,
  url: string,
  run: TestRun,
): Promise<unknown> {
  if (!(error instanceof Error) || !OF_NETWORK.test(error.message)) {
    return error;
  }
  const job = jobOf(run);
  const sentence = await explain(url, {
    proxy: withJob(proxyAround(), job),
    job,
  });
  if (sentence === undefined) return error;
  told.set(run, (told.get(run) ?? new Set()).add(sentence));
  const { message, stack } = error;
  // The colours of a call log end before.
  error.message = `${sentence}\n\n${message}`;
  if (stack !== undefined) {
    error.stack = stack.replace(message, () => error.message);
  }
  return error;
}

/** Adds what the tunnel knows to a test that has ended. */
async function report(
  run: TestRun,
  har: NonNullable<TestsOptions["har"]>,
): Promise<void> {
  const hasFailed = run.status !== run.expectedStatus;
  if (har === "never" || har === "on-failure" && !hasFailed) return;
  const records = await recordsOf(jobOf(run));
  if (records === undefined) return;
  await run.attach("sallyport.har", {
    body: records,
    contentType: "application/json",
  });
  const known = told.get(run) ?? new Set();
  const others = failuresIn(records).filter(({ sentence }) =>
    !known.has(sentence)
  );
  if (!hasFailed || others.length === 0) return;
  throw new Error(
    "Requests of this test failed in the tunnel:\n" +
      others.map(({ request, sentence }) => `  ${request}: ${sentence}`)
        .join("\n"),
  );
}
