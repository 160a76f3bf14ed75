/** The judge finds each kind of broken promise, and nothing where all is well. */
import assert from "node:assert/strict";
import {
  contentOf,
  type History,
  judge,
  type Operation,
  type Sighting,
} from "./history.ts";

const GOOD: Operation = {
  id: "1",
  tunnel: "ann",
  method: "POST",
  from: 10,
  to: 20,
  result: { kind: "response", status: 200, text: whole("ann", "1", 100) },
};

const SEEN: Sighting = {
  site: "ann",
  id: "1",
  method: "POST",
  text: contentOf("ann", "1", 50),
};

const NOTHING: History = {
  operations: [GOOD],
  sightings: [SEEN],
  troubles: [],
};

const FINDINGS: readonly {
  readonly what: string;
  readonly history: Partial<History>;
  readonly finding?: RegExp;
}[] = [
  { what: "nothing where all is well", history: {} },
  {
    what: "content of another tunnel",
    history: one({ kind: "response", status: 200, text: whole("bob", "1", 9) }),
    finding: /^POST 1 of ann got other content/,
  },
  {
    what: "content of another request",
    history: one({ kind: "response", status: 200, text: whole("ann", "2", 9) }),
    finding: /^POST 1 of ann got other content/,
  },
  {
    what: "a byte of another tunnel in a response that broke off",
    history: {
      ...one({ kind: "broken", why: "cut", text: "9:ann/1.ann/1xann" }),
      troubles: [{ tunnel: "ann", from: 0, to: 99 }],
    },
    finding: /^POST 1 of ann got other content/,
  },
  {
    what: "a short response that claims to be whole",
    history: one({ kind: "response", status: 200, text: "9:ann/1." }),
    finding: /^POST 1 of ann got other content/,
  },
  {
    what: "a failure without a fault",
    history: one({ kind: "broken", why: "cut", text: "" }),
    finding: /^POST 1 of ann failed without a fault: cut$/,
  },
  {
    what: "a failure in the trouble of another tunnel",
    history: {
      ...one({ kind: "response", status: 502, text: "" }),
      troubles: [{ tunnel: "bob", from: 0, to: 99 }],
    },
    finding: /^POST 1 of ann got 502 without a fault/,
  },
  {
    what: "a failure after the trouble",
    history: {
      ...one({ kind: "response", status: 502, text: "" }),
      troubles: [{ tunnel: "ann", from: 0, to: 9 }],
    },
    finding: /without a fault/,
  },
  {
    what: "no failure that begins in a trouble",
    history: {
      ...one({ kind: "response", status: 502, text: "" }),
      troubles: [{ tunnel: undefined, from: 20, to: 30 }],
    },
  },
  {
    what: "a status that no fault explains",
    history: {
      ...one({ kind: "response", status: 407, text: "" }),
      troubles: [{ tunnel: "ann", from: 0, to: 99 }],
    },
    finding: /^POST 1 of ann got status 407/,
  },
  {
    what: "a request at the site of another tunnel",
    history: { sightings: [{ ...SEEN, site: "bob" }] },
    finding: /^POST 1 of ann reached the site of bob$/,
  },
  {
    what: "a request that nobody sent",
    history: { sightings: [{ ...SEEN, id: "7" }] },
    finding: /^ann saw unknown 7$/,
  },
  {
    what: "a request with other content",
    history: { sightings: [{ ...SEEN, text: "bob/1." }] },
    finding: /^POST 1 of ann arrived with other content$/,
  },
  {
    what: "a POST that was sent again",
    history: { sightings: [SEEN, SEEN] },
    finding: /^POST 1 was sent 2 times$/,
  },
];

for (const { what, history, finding } of FINDINGS) {
  Deno.test(`judge() finds ${what}`, () => {
    const findings = judge({ ...NOTHING, ...history });
    assert.equal(findings.length, finding === undefined ? 0 : 1);
    if (finding !== undefined) assert.match(findings[0] ?? "", finding);
  });
}

function one(result: Operation["result"]): Pick<History, "operations"> {
  return { operations: [{ ...GOOD, result }] };
}

function whole(tunnel: string, id: string, length: number): string {
  return `${length}:${contentOf(tunnel, id, length)}`;
}
