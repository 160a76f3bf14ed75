import assert from "node:assert/strict";
import {
  parseRequest,
  parseResponse,
} from "../../../src/http1/parse/header_parser.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";

Deno.test("parseRequest() separates the request line and the fields", () => {
  const parsed = parseRequest(
    bytesOf("M-SEARCH * HTTP/1.0\r\nA:b\r\nC: \r\n\r\n"),
  );

  assert.deepEqual({ ...parsed, fields: parsed.fields.flat }, {
    method: "M-SEARCH",
    target: "*",
    minorVersion: 0,
    fields: ["A", "b", "C", ""],
  });
});

Deno.test("parseResponse() separates the status line and the fields", () => {
  const parsed = parseResponse(
    bytesOf("HTTP/1.1 404 Not  F\xf6und\r\nA: b\r\n\r\n"),
  );

  assert.deepEqual({ ...parsed, fields: parsed.fields.flat }, {
    status: 404,
    reason: "Not  F\xf6und",
    minorVersion: 1,
    fields: ["A", "b"],
  });
});

/** `/` and `:` stand beside the digits in ASCII. */
const BESIDE_DIGITS = ["/", ":", "x"];

/** A character as a message shows it. */
function byteOf(char: string): string {
  const names: Readonly<Record<string, string>> = {
    ...{ "\t": "a tab", "\n": "an LF", "\r": "a CR" },
    " ": "a space",
  };
  return names[char] ??
    `the byte 0x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/**
 * One thing is wrong in each, and all that follows it would be taken by a parser
 * that does not see it. The same text without the fault is taken.
 */
const FAULTS: readonly (readonly [
  what: string,
  good: string,
  bad: string,
  reason: string,
])[] = [
  ...["HTTP/", "HTTP/1."].flatMap((before) => {
    const after = "HTTP/1.1 200 OK".slice(before.length + 1);
    return BESIDE_DIGITS.map((other) =>
      [
        `${other} for a digit of the version after ${before}`,
        `${before}1${after}\r\nA: b\r\n\r\n`,
        `${before}${other}${after}\r\nA: b\r\n\r\n`,
        "the HTTP version is not like 1.1",
      ] as const
    );
  }),
  ...[0, 1, 2].flatMap((at) =>
    BESIDE_DIGITS.map((other) =>
      [
        `${other} for digit ${at} of the status`,
        "HTTP/1.1 299 OK\r\nA: b\r\n\r\n",
        `HTTP/1.1 ${"299".slice(0, at)}${other}${
          "299".slice(at + 1)
        } OK\r\nA: b\r\n\r\n`,
        `the status is not three digits but has ${byteOf(other)}`,
      ] as const
    )
  ),
  ...[..."HTTP/"].map((letter, at) =>
    [
      `another character for the ${letter} at ${at} of a version`,
      "GET / HTTP/1.1\r\nA: b\r\n\r\n",
      `GET / ${"HTTP/".slice(0, at)}_${
        "HTTP/".slice(at + 1)
      }1.1\r\nA: b\r\n\r\n`,
      "the HTTP version is missing",
    ] as const
  ),
  ...["1-1", "1:1", "1/1"].map((version) =>
    [
      `${version} for a version`,
      "GET / HTTP/1.1\r\nA: b\r\n\r\n",
      `GET / HTTP/${version}\r\nA: b\r\n\r\n`,
      "the HTTP version is not like 1.1",
    ] as const
  ),
  ...["\x01x", "\rx", "x\n", "\r\r", "\n\n", "\x7f\x7f", "\0\0"].flatMap((
    end,
  ) => {
    const shown = JSON.stringify(end);
    const first = (text: string) => byteOf(text.slice(0, 1));
    const value = first(end.replace("x\n", "\x02\n"));
    return [
      [
        `${shown} for the end of a field line`,
        "GET / HTTP/1.1\r\nA: b\r\nEvil: 1\r\nC: d\r\n\r\n",
        // Letters belong to the value: what ends it must not be one.
        `GET / HTTP/1.1\r\nA: b${
          end.replace("x\n", "\x02\n")
        }Evil: 1\r\nC: d\r\n\r\n`,
        `the field "A" has ${value} in its value`,
      ],
      [
        `${shown} for the end of a request line`,
        "GET / HTTP/1.1\r\nEvil: 1\r\nC: d\r\n\r\n",
        `GET / HTTP/1.1${end}Evil: 1\r\nC: d\r\n\r\n`,
        `its first line has ${first(end)}`,
      ],
      [
        `${shown} for the end of a status line`,
        "HTTP/1.1 200 OK\r\nEvil: 1\r\nC: d\r\n\r\n",
        `HTTP/1.1 200 OK${end.replace("x\n", "\x02\n")}Evil: 1\r\nC: d\r\n\r\n`,
        `its first line has ${value}`,
      ],
    ] as const;
  }),
  [
    "letters after the version",
    "GET / HTTP/1.1\r\nA: b\r\n\r\n",
    "GET / HTTP/1.1xyA: b\r\n\r\n",
    "its first line has the byte 0x78",
  ],
  ...["\x01", "\x1f", "\t", "\x7f", "\0", "\r", "\n", "\x80"].flatMap(
    (other) => {
      const shown = JSON.stringify(other);
      return [
        [
          `${shown} for the space after a method`,
          "GET / HTTP/1.1\r\nA: b\r\n\r\n",
          `GET${other}/ HTTP/1.1\r\nA: b\r\n\r\n`,
          "the method is not followed by one space",
        ],
        [
          `${shown} for the space after a target`,
          "GET / HTTP/1.1\r\nA: b\r\n\r\n",
          `GET /${other}HTTP/1.1\r\nA: b\r\n\r\n`,
          "the target is not followed by one space and a version",
        ],
        [
          `${shown} in a target`,
          "GET /ab HTTP/1.1\r\nA: b\r\n\r\n",
          `GET /a${other}b HTTP/1.1\r\nA: b\r\n\r\n`,
          "the target is not followed by one space and a version",
        ],
        [
          `${shown} for the space before a status`,
          "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
          `HTTP/1.1${other}200 OK\r\nA: b\r\n\r\n`,
          "the status is not between two spaces",
        ],
      ] as const;
    },
  ),
  ...["\x01", "\x1f", "\t", "\x7f", "\0", "\n", "O"].map((other) =>
    [
      `${JSON.stringify(other)} for the space after a status`,
      "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
      `HTTP/1.1 200${other}OK\r\nA: b\r\n\r\n`,
      "the status is not between two spaces",
    ] as const
  ),
  [
    "no target",
    "GET / HTTP/1.1\r\nA: b\r\n\r\n",
    "GET  HTTP/1.1\r\nA: b\r\n\r\n",
    "the target is not followed by one space and a version",
  ],
  [
    "no method",
    "M / HTTP/1.1\r\nA: b\r\n\r\n",
    " / HTTP/1.1\r\nA: b\r\n\r\n",
    "the method is not followed by one space",
  ],
  [
    "a byte before the method",
    "MGET / HTTP/1.1\r\nA: b\r\n\r\n",
    "\x01GET / HTTP/1.1\r\nA: b\r\n\r\n",
    "the method is not followed by one space",
  ],
  [
    "a status that is cut short",
    "HTTP/1.1 200\r\nA: b\r\n\r\n",
    "HTTP/1.1 20",
    "the status is not three digits but has its end",
  ],
  [
    "CR and another character for the empty line",
    "GET / HTTP/1.1\r\nA: b\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\r\n\rX",
    "a CR stands alone",
  ],
  [
    "a bare CR for the end of a folded line",
    "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nEvil: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n c\rXEvil: 1\r\n\r\n",
    'the field "A" has a CR in its value',
  ],
  [
    "a folded line in a request",
    "GET / HTTP/1.1\r\nA: b\r\nB: c\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\r\n B: c\r\n\r\n",
    "a field has no name, its line begins with a space",
  ],
  [
    "a status of 099",
    "HTTP/1.1 100 OK\r\nA: b\r\n\r\n",
    "HTTP/1.1 099 OK\r\nA: b\r\n\r\n",
    "the status is below 100",
  ],
  ...["", "\x01", "(", "\x80"].map((name) =>
    [
      `${JSON.stringify(name)} for a name`,
      "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n",
      `GET / HTTP/1.1\r\n${name}: b\r\nC: d\r\n\r\n`,
      `a field has no name, its line begins with ${byteOf(name || ":")}`,
    ] as const
  ),
];

for (const text of ["SSH-2.0-OpenSSH", "a".repeat(64)]) {
  Deno.test(`a message repeats "${text}" of what it cannot read`, () => {
    assert.throws(() => parseResponse(bytesOf(`${text} x\r\n\r\n`)), {
      message:
        `Cannot read the message: it begins with "${text}", not with an HTTP version`,
    });
    assert.throws(() => parseRequest(bytesOf(`GET / HTTP/1.1\r\n${text} x`)), {
      message:
        `Cannot read the message: the field name "${text}" is followed by a space, not by a colon`,
    });
  });
}

Deno.test("a message repeats no byte that cannot be seen", () => {
  assert.throws(() => parseResponse(bytesOf("\x16\x03\x01 x\r\n\r\n")), {
    message:
      'Cannot read the message: it begins with "", not with an HTTP version',
  });
  assert.throws(() => parseResponse(bytesOf("\x16tls\r\n\r\n")), {
    message: /begins with "", not/,
  });
});

Deno.test("a message repeats at most 64 characters of what it cannot read", () => {
  const text = `b${"a".repeat(64)}`;
  const start = `b${"a".repeat(63)}`;
  assert.throws(() => parseResponse(bytesOf(`${text} x\r\n\r\n`)), {
    message:
      `Cannot read the message: it begins with "${start}", not with an HTTP version`,
  });
  assert.throws(() => parseRequest(bytesOf(`GET / HTTP/1.1\r\n${text} x`)), {
    message:
      `Cannot read the message: the field name "${start}..." is followed by a space, not by a colon`,
  });
});

for (const [what, good, bad, reason] of FAULTS) {
  Deno.test(`a start line and fields are refused for one fault: ${what}`, () => {
    const parse = good.startsWith("HTTP") ? parseResponse : parseRequest;

    assert.ok(parse(bytesOf(good)).fields.size > 0);
    assert.throws(() => parse(bytesOf(bad)), {
      code: "malformed",
      message: `Cannot read the message: ${reason}`,
    });
  });
}

Deno.test("parseRequest() takes all visible characters in a target and in a value, and tabs and high bytes in a value", () => {
  const visible = String.fromCharCode(
    ...Array.from({ length: 94 }, (_, at) => at + 0x21),
  );
  const high = String.fromCharCode(
    ...Array.from({ length: 128 }, (_, at) => at + 0x80),
  );
  const value = `${visible}\t ${high}`;

  const { target, fields } = parseRequest(
    bytesOf(`GET ${visible} HTTP/1.1\r\nA: ${value}\r\n\r\n`),
  );

  assert.equal(target, visible);
  assert.deepEqual(fields.flat, ["A", value]);
});

Deno.test("parseRequest() takes the minor versions 0 and 1", () => {
  for (const minor of [0, 1]) {
    const parsed = parseRequest(bytesOf(`GET / HTTP/1.${minor}\r\n\r\n`));

    assert.equal(parsed.minorVersion, minor);
  }
  for (const minor of [2, 9]) {
    assert.throws(
      () => parseRequest(bytesOf(`GET / HTTP/1.${minor}\r\n\r\n`)),
      { code: "unsupportedVersion", status: 505 },
    );
  }
});

Deno.test("parseResponse() makes one line of folded lines, each with one space", () => {
  const { fields } = parseResponse(
    bytesOf(
      "HTTP/1.1 200 OK\r\nA: b \t\r\n \t c d\t\r\n\t\r\n e\r\nB:\r\n f\r\nC: \r\n \r\nD: g\r\n\r\n",
    ),
  );

  assert.deepEqual(fields.flat, [
    ...["A", "b c d e", "B", "f", "C", "", "D", "g"],
  ]);
});

Deno.test("parseResponse() takes every status from 100 to 999, and every minor version from 0 to 9", () => {
  for (const status of [100, 199, 200, 909, 990, 999]) {
    assert.equal(
      parseResponse(bytesOf(`HTTP/1.1 ${status} OK\r\n\r\n`)).status,
      status,
    );
  }
  for (let minor = 0; minor <= 9; minor++) {
    const { minorVersion } = parseResponse(
      bytesOf(`HTTP/1.${minor} 200 OK\r\n\r\n`),
    );

    assert.equal(minorVersion, minor === 0 ? 0 : 1);
  }
  for (const version of ["0.9", "2.0", "3.0", "9.1"]) {
    assert.throws(
      () => parseResponse(bytesOf(`HTTP/${version} 200 OK\r\n\r\n`)),
      { code: "unsupportedVersion" },
    );
  }
});

Deno.test("parseRequest() refuses bytes after the empty line and a section without one", () => {
  for (
    const text of [
      "GET / HTTP/1.1\r\n\r\nGET",
      "GET / HTTP/1.1\r\nA: b\r\n",
      "GET / HTTP/1.1\r\n",
      "GET /",
      "",
    ]
  ) {
    assert.throws(() => parseRequest(bytesOf(text)), { code: "malformed" });
  }
});

Deno.test("parseRequest() reads as many fields as its limit allows", () => {
  const lines = (count: number) =>
    bytesOf(`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(count)}\r\n`);

  assert.equal(parseRequest(lines(3), { maxFields: 3 }).fields.size, 3);
  assert.throws(() => parseRequest(lines(4), { maxFields: 3 }), {
    code: "headersTooLarge",
    status: 431,
  });
});
