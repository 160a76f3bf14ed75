import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../src/config/client_config.ts";
import { type AnyFields, isRequired } from "../../src/config/field.ts";
import { optionName } from "../../src/config/names.ts";
import { SERVER_FIELDS } from "../../src/config/server_config.ts";

const DECLARATIONS: readonly (readonly [string, AnyFields])[] = [
  ["client", { ...CLIENT_FIELDS }],
  ["server", { ...SERVER_FIELDS }],
];

for (const [process, fields] of DECLARATIONS) {
  Deno.test(`the ${process}'s one-letter flags are all different`, () => {
    const letters = Object.values(fields).flatMap(({ short }) => short ?? []);

    assert.deepEqual([...new Set(letters)], letters);
    assert(letters.every((letter) => /^[a-zA-Z]$/.test(letter)));
  });

  Deno.test(`the ${process}'s options of one section stand together`, () => {
    const sections = Object.values(fields).map(({ section }) => section);
    const starts = sections.filter((each, at) => each !== sections[at - 1]);

    assert.deepEqual([...new Set(sections)], starts);
  });

  Deno.test(`the ${process}'s help is whole sentences`, () => {
    for (const { help } of Object.values(fields)) {
      assert.match(help, /^[A-Z].*\.$/);
    }
  });
}

Deno.test("the client needs a server, a user, a key and a name, the server nothing", () => {
  const required = DECLARATIONS.map(([, fields]) =>
    Object.entries(fields).filter(([, each]) => isRequired(each))
      .map(([key]) => optionName(key))
  );

  assert.deepEqual(required, [
    ["server", "username", "access-key", "tunnel-name"],
    [],
  ]);
});
