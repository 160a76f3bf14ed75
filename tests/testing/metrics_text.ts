/**
 * A strict reader of the two text formats of metrics, which owes nothing to
 * the library that writes them.
 *
 * @module
 */

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics of one name. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const META = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)$/;
const SAMPLE =
  /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const SUFFIXES: Readonly<Record<string, RegExp>> = {
  counter: /^(_total)?$/,
  gauge: /^$/,
  histogram: /^_(bucket|sum|count)$/,
};

/**
 * Reads metrics.
 *
 * @throws {SyntaxError} At a line that is neither of the format nor of the metric that was announced before it.
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<
    string,
    { type: string; help: string; samples: Sample[] }
  >();
  let current = "";
  for (const line of text.split("\n")) {
    if (line === "" || line === "# EOF") continue;
    const [, kind, name = "", words = ""] = META.exec(line) ?? [];
    if (kind === "HELP") {
      if (families.has(name)) throw new SyntaxError(`"${name}" comes twice`);
      families.set(name, { type: "", help: words, samples: [] });
      current = name;
      continue;
    }
    const family = families.get(current);
    if (family === undefined) throw new SyntaxError(`Nothing before: ${line}`);
    if (kind === "TYPE") family.type = words;
    else family.samples.push(sampleOf(line, current, family.type));
  }
  return families;
}

function sampleOf(line: string, family: string, type: string): Sample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new SyntaxError(`Not a sample: ${line}`);
  const suffix = name.slice(family.length);
  if (!name.startsWith(family) || !SUFFIXES[type]?.test(suffix)) {
    throw new SyntaxError(`Not of the ${type} "${family}": ${line}`);
  }
  return { name, labels: labelsOf(labels), value: Number(value) };
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    LABEL.lastIndex = at;
    const [all, name = "", value = ""] = LABEL.exec(text) ?? [];
    if (all === undefined) throw new SyntaxError(`Not labels: ${text}`);
    labels[name] = value;
    at += all.length;
  }
  return labels;
}
