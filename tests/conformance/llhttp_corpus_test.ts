/**
 * HTTP/1.1 against the fixtures of llhttp, the parser of Node.js: the same
 * messages with the same content, and the same refusals. `llhttp_judged.ts` has
 * the differences that are right, with reasons.
 */
import assert from "node:assert/strict";
import { corpus } from "./corpora.ts";
import { type Fixture, fixturesOf } from "./llhttp_fixtures.ts";
import {
  type Judged,
  JUDGED_REQUESTS,
  JUDGED_RESPONSES,
} from "./llhttp_judged.ts";
import {
  type Message,
  type Reading,
  readRequests,
  readResponse,
} from "./read_messages.ts";

/** What two readers can be compared by. */
interface Outcome {
  /** Start, fields and content of each message. */
  readonly messages: readonly string[];
  /** Whether what follows is refused. */
  readonly isRefused: boolean;
}

/** What both ends take away, or do not pass on. */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-connection|te|transfer-encoding|upgrade):/i;

/** Completes a message that was cut off where llhttp had refused it. */
const REST = "\r\n\r\n\r\n";

const archive = corpus("llhttp-fixtures.tar.gz");

Deno.test({
  ...archive.needed,
  name: "requests mean to us what they mean to llhttp",
  fn: () =>
    compare({
      type: "request",
      count: 133,
      judged: JUDGED_REQUESTS,
      read: ({ text, refusal }) =>
        readRequests(refusal === undefined ? text : text + REST, {
          addHost: true,
        }),
    }),
});

Deno.test({
  ...archive.needed,
  name: "responses mean to us what they mean to llhttp",
  fn: () =>
    compare({
      type: "response",
      count: 81,
      judged: JUDGED_RESPONSES,
      read: ({ text, refusal }) =>
        readResponse(refusal === undefined ? text : text + REST, {
          upgrade: text.startsWith("HTTP/1.1 101 "),
        }),
    }),
});

async function compare(
  { type, count, judged, read }: {
    readonly type: "request" | "response";
    /** How many fixtures there are: fewer is not the archive that we know. */
    readonly count: number;
    readonly judged: readonly Judged[];
    readonly read: (fixture: Fixture) => Promise<Reading>;
  },
): Promise<void> {
  const fixtures: Fixture[] = [];
  for (const [path, text] of await archive.read(new RegExp(`/${type}/`))) {
    fixtures.push(...fixturesOf(path, text, type));
  }
  assert.equal(fixtures.length, count);
  const differing: string[] = [];
  for (const fixture of fixtures) {
    const reading = await read(fixture);
    const ours = ourOutcome(reading);
    const theirs = theirOutcome(fixture);
    const rule = judged.find(({ fixtures }) => fixtures.includes(fixture.name));
    if (rule === undefined) assert.deepEqual(ours, theirs, fixture.name);
    else if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      differing.push(fixture.name);
      const { error } = rule;
      const says = reading.error?.message ?? "";
      assert.ok(error === undefined || says.includes(error), fixture.name);
    }
  }
  // A difference that is gone must leave the list.
  const listed = judged.flatMap(({ fixtures }) => fixtures);
  assert.deepEqual(differing.toSorted(), listed.toSorted());
}

function ourOutcome({ messages, error }: Reading): Outcome {
  return {
    messages: messages.map(({ start, fields, content }) =>
      textOf({
        start,
        fields: fields.filter((line) => line !== "Host: a.test"),
        content,
      })
    ),
    isRefused: error !== undefined && error.code !== "cutShort",
  };
}

function theirOutcome({ messages, refusal }: Fixture): Outcome {
  return {
    messages: messages.map(textOf),
    isRefused: refusal !== undefined,
  };
}

function textOf({ start, fields, content }: Message): string {
  const kept = fields.filter((line) => !HOP_BY_HOP.test(line))
    .map((line) => line.trimEnd());
  return [start, ...kept, "", content].join("\r\n");
}
