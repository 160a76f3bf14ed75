/** The language of the search field: words, and terms such as `status:5xx`. */
import type { ExchangeRecord } from "./exchange_record.ts";

/** Whether an exchange passes. */
export type RecordTest = (record: ExchangeRecord) => boolean;

/** A search text that was read. */
export interface SearchTerms {
  /** All must pass. */
  readonly tests: readonly RecordTest[];
  /** A sentence about each term that is wrong. Such a term leaves nothing out. */
  readonly problems: readonly string[];
}

/** `name:value`; with `-` before it, what does not match. */
const TERM = /^(-?)([a-z]+):(.*)$/;
/** Behind the colon of `http://shop` and `localhost:8080`: these are words. */
const NO_VALUE = /^(?:\/\/|\d+$)/;
const STATUS_CLASS = /^[1-5]xx$/;
const STATUS_CODE = /^[1-9]\d\d$/;

/** Makes the test of a value in lower case; a text says what is wrong with it. */
const TERMS: Readonly<Record<string, (value: string) => RecordTest | string>> =
  {
    status: statusTest,
    host: (value) => ({ request }) =>
      request.authority.toLowerCase().includes(value),
    method: (value) => ({ request }) => request.method.toLowerCase() === value,
    plugin: (value) => ({ edits }) =>
      edits.some(({ plugin }) => plugin.toLowerCase().includes(value)),
    job: (value) => ({ sender }) =>
      sender.job?.toLowerCase().includes(value) ?? false,
  };

/** Reads a search text. It never throws. */
export function readSearch(text: string): SearchTerms {
  const tests: RecordTest[] = [];
  const problems: string[] = [];
  for (const part of text.toLowerCase().split(/\s+/)) {
    if (part === "") continue;
    const test = testOf(part);
    if (typeof test === "string") problems.push(test);
    else tests.push(test);
  }
  return { tests, problems };
}

function testOf(part: string): RecordTest | string {
  const [, sign, name = "", value = ""] = TERM.exec(part) ?? [];
  if (sign === undefined) return wordTest(part);
  const term = Object.hasOwn(TERMS, name) ? TERMS[name] : undefined;
  if (term === undefined) {
    if (NO_VALUE.test(value)) return wordTest(part);
    return `"${name}:" is not a filter: use ${Object.keys(TERMS).join(", ")}`;
  }
  if (value === "") return `"${name}:" has no value, as in "${EXAMPLES[name]}"`;
  const test = term(value);
  if (typeof test === "string" || sign === "") return test;
  return (record) => !test(record);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  status: "status:5xx",
  host: "host:shop",
  method: "method:POST",
  plugin: "plugin:mock",
  job: "job:checkout",
};

function statusTest(value: string): RecordTest | string {
  if (value === "waiting") return ({ end }) => end === undefined;
  if (value === "cut") return ({ end }) => end === "cut";
  if (STATUS_CODE.test(value)) {
    return ({ response }) => response?.status === Number(value);
  }
  if (STATUS_CLASS.test(value)) {
    return ({ response }) =>
      Math.floor((response?.status ?? 0) / 100) === Number(value.charAt(0));
  }
  return `"status:${value}" is not a status: use 404, 5xx, waiting or cut`;
}

/** Only what is shown is searched, so hidden values cannot be guessed. */
function wordTest(word: string): RecordTest {
  return ({ shownUrl, response, edits }) =>
    shownUrl.toLowerCase().includes(word) ||
    (response?.fields.get("content-type")?.toLowerCase().includes(word) ??
      false) ||
    edits.some(({ plugin }) => plugin.toLowerCase().includes(word));
}
