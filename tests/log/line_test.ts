import assert from "node:assert/strict";

import { jsonLine, type LogEntry, textLine } from "../../src/log/line.ts";

const ENTRY: LogEntry = {
  time: new Date(2024, 8, 27, 22, 19, 32, 150).getTime() * 1000 + 377,
  level: "info",
  module: "tunnel",
  message: "established connection",
  fields: { active: "1/2" },
};

Deno.test("textLine() writes local time to the microsecond, module, level, message and fields", () => {
  assert.equal(
    textLine(ENTRY),
    "2024/09/27 22:19:32.150377 [tunnel] [INFO] established connection active=1/2\n",
  );
});

Deno.test("textLine() pads the time with zeros", () => {
  const time = new Date(2024, 0, 2, 3, 4, 5, 6).getTime() * 1000 + 7;

  assert.match(textLine({ ...ENTRY, time }), /^2024\/01\/02 03:04:05\.006007 /);
});

const VALUES = [
  ["a b", '"a b"'],
  ["", '""'],
  ['say "x"', '"say \\"x\\""'],
  ["a\nb [control] [INFO] forged", '"a\\nb [control] [INFO] forged"'],
  ["\u001b[31m", '"\\u001b[31m"'],
  ["\u009b31m\u007f", '"\\u009b31m\\u007f"'],
  ["a\u2028b", '"a\\u2028b"'],
  ["a\u202egpj.exe", '"a\\u202egpj.exe"'],
  ["\u2066x\u2069", '"\\u2066x\\u2069"'],
  ["pay\u200bpal", '"pay\\u200bpal"'],
  ["\u{e0041}", '"\\udb40\\udc41"'],
  ["größe", "größe"],
  [12, "12"],
  [true, "true"],
  [null, "null"],
  [10n, "10"],
  [new TypeError("no way"), '"no way"'],
  [
    new URL("https://jane:s3cr3t@lab.example/"),
    "https://jane:xxxxx@lab.example/",
  ],
  [["a", 1], '"[\\"a\\",1]"'],
] as const;

for (const [value, text] of VALUES) {
  Deno.test(`textLine() writes the value ${String(value)} as ${text}`, () => {
    const line = textLine({ ...ENTRY, fields: { value } });

    assert.equal(line.split(" established connection ")[1], `value=${text}\n`);
  });
}

Deno.test("nothing in a message begins a line or moves the cursor", () => {
  const message = "hello\n2024/09/27 [control] [INFO] forged \u001b[2J\u009b2J";
  const shown = "hello\\u000a2024/09/27 [control] [INFO] forged " +
    "\\u001b[2J\\u009b2J";

  const text = textLine({ ...ENTRY, message, fields: {} });
  const json = jsonLine({ ...ENTRY, message, fields: {} });

  assert.ok(text.endsWith(`[tunnel] [INFO] ${shown}\n`), text);
  assert.equal(JSON.parse(json).msg, message);
  // deno-lint-ignore no-control-regex -- they are what it looks for
  assert.doesNotMatch(json, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

Deno.test("textLine() leaves out what is undefined", () => {
  const line = textLine({ ...ENTRY, fields: { value: undefined } });

  assert.match(line, /established connection\n$/);
});

Deno.test("jsonLine() writes one object per line with time in UTC", () => {
  const fields = { active: "1/2", error: new Error("a\nb"), level: 7 };
  const line = jsonLine({ ...ENTRY, fields });

  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(JSON.parse(line), {
    time: new Date(ENTRY.time / 1000).toISOString().replace("Z", "377Z"),
    level: "info",
    module: "tunnel",
    msg: "established connection",
    active: "1/2",
    error: "a\nb",
    field_level: 7,
  });
});

for (
  const [name, format] of [["textLine", textLine], [
    "jsonLine",
    jsonLine,
  ]] as const
) {
  Deno.test(`${name}() hides secrets wherever they stand`, () => {
    const fields = {
      "access-key": "s3cr3t",
      accessKey: "s3cr3t",
      proxyPassword: "s3cr3t",
      authorization: "Bearer s3cr3t",
      tunnelToken: "s3cr3t",
      url: "http://jane:s3cr3t@proxy.example:8080/x",
      error: new Error("Cannot dial http://jane:s3cr3t@proxy.example"),
      nested: {
        headers: { cookie: "s3cr3t", deep: { er: { secret: "s3cr3t" } } },
      },
      list: ["http://u:s3cr3t@x"],
    };

    assert.doesNotMatch(format({ ...ENTRY, fields }), /s3cr3t/);
  });

  Deno.test(`${name}() ends for a value that holds itself`, () => {
    const fields: Record<string, unknown> = {};
    fields.self = fields;

    assert.match(format({ ...ENTRY, fields }), /\.\.\./);
  });
}
