/**
 * Runs the alerts for operators over scrapes, with Prometheus' own tool: what
 * fires when a program goes from one scrape to the next.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { run } from "../testing/process.ts";
import type { Scrape } from "./watched_system.ts";

/** Path of the alerts. */
export const ALERTS: string = fileURLToPath(
  new URL("../../.github/prometheus/alerts.yml", import.meta.url),
);

/** Scrapes of one step, by the name of their job. */
export type Scrapes = Readonly<Record<string, Scrape>>;

/** From one step to the next. */
export interface Transition {
  readonly name: string;
  readonly before: Scrapes;
  /** A job that is missing here does not answer any more. */
  readonly after: Scrapes;
  /** The alerts that fire afterwards, and no others but {@linkcode BESIDE_OTHERS}. */
  readonly alerts: readonly string[];
  /** Those that fire before; by default none. */
  readonly alertsBefore?: readonly string[];
}

/** Scrapes before and after: ten minutes of each. */
const SCRAPES = 40;
const INTERVAL = "15s";
/** These fire beside others: for any line of level error, and on a machine that is too slow for the tests. */
const BESIDE_OTHERS = ["SallyportErrorsLogged", "SallyportEventLoopLags"];

/** Sees that the rules are valid. */
export async function checkRules(): Promise<void> {
  const { code, stdout, stderr } = await run("promtool", [
    ...["check", "rules", ALERTS],
  ]);
  assert.equal(code, 0, stdout + stderr);
}

/** Sees that names, help and units are as Prometheus wants them. */
export async function checkMetrics({ text }: Scrape): Promise<void> {
  const checked = await run("promtool", ["check", "metrics"], { input: text });
  assert.deepEqual([checked.stdout, checked.stderr, checked.code], ["", "", 0]);
}

/** Sees that each transition fires its alerts. */
export async function checkAlerts(
  transitions: readonly Transition[],
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    // JSON is YAML.
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        "rule_files": [ALERTS],
        "evaluation_interval": INTERVAL,
        tests: transitions.map(testOf),
      }),
    );
    const { code, stdout, stderr } = await run("promtool", [
      ...["test", "rules", path],
    ]);
    assert.equal(code, 0, stdout + stderr);
  } finally {
    await Deno.remove(path);
  }
}

function testOf(
  { name, before, after, alerts, alertsBefore = [] }: Transition,
): unknown {
  const except = BESIDE_OTHERS.filter((alert) => !alerts.includes(alert));
  const firing = `group by (alertname) (ALERTS{alertstate="firing",` +
    `alertname!~"${except.join("|")}"})`;
  return {
    name,
    interval: INTERVAL,
    "input_series": Object.keys(before).flatMap((job) =>
      seriesOf(job, before[job], after[job])
    ),
    "promql_expr_test": [
      {
        expr: firing,
        "eval_time": "9m",
        "exp_samples": alertsBefore.map(sampleOf),
      },
      { expr: firing, "eval_time": "12m", "exp_samples": alerts.map(sampleOf) },
    ],
  };
}

function sampleOf(alert: string): unknown {
  return { labels: `{alertname="${alert}"}`, value: 1 };
}

function seriesOf(
  job: string,
  before: Scrape | undefined,
  after: Scrape | undefined,
): unknown[] {
  const [first, second] = [before, after].map(valuesOf);
  const names = new Set([
    ...first?.keys() ?? [],
    ...second?.keys() ?? [],
  ]);
  const series = Array.from(names, (name) => ({
    series: name.replace("}", `${name.endsWith("{}") ? "" : ","}job="${job}"}`),
    values: [first?.get(name), second?.get(name)].map((value) =>
      value === undefined ? `_x${SCRAPES}` : `${value}+0x${SCRAPES - 1}`
    ).join(" "),
  }));
  const up = [1, after === undefined ? 0 : 1];
  return [...series, {
    series: `up{job="${job}"}`,
    values: up.map((value) => `${value}+0x${SCRAPES - 1}`).join(" "),
  }];
}

/** All values by name and labels. The tool's clock begins at 0: times are moved as far. */
function valuesOf(scrape: Scrape | undefined): ReadonlyMap<string, number> {
  const now = Math.floor(Date.now() / 1000);
  return new Map(
    scrape?.samples.map(({ name, labels, value }) => {
      const list = Object.entries(labels)
        .map(([label, text]) => `${label}=${JSON.stringify(text)}`);
      const isTime = name.endsWith("_timestamp_seconds");
      return [`${name}{${list.join(",")}}`, isTime ? value - now : value];
    }),
  );
}
