import assert from "node:assert/strict";
import { CLIENT_FIELDS } from "../../src/config/options/client_config.ts";
import { fieldsByName } from "../../src/config/field.ts";
import { misspelledVariables } from "../../src/config/misspelled_variables.ts";
import { variableNames } from "../../src/config/option_names.ts";
import { SERVER_FIELDS } from "../../src/config/options/server_config.ts";

function found(
  variables: Readonly<Record<string, string>>,
  fields: typeof CLIENT_FIELDS | typeof SERVER_FIELDS = CLIENT_FIELDS,
): readonly string[] {
  return misspelledVariables({ ...fields }, (name) => variables[name])
    .map(({ name, correct }) => `${name} ${correct}`);
}

for (
  const [slip, name] of [
    ["a letter too few", "SALLYPORT_TUNEL_NAME"],
    ["a letter too many", "SALLYPORT_TUNNNEL_NAME"],
    ["another letter", "SALLYPORT_TUNNEL_NAMW"],
    ["two in the wrong order", "SALLYPORT_TUNNEL_NAEM"],
    ["no underscore", "SALLYPORT_TUNNELNAME"],
    ["an underscore too many", "SALLYPORT_TUN_NEL_NAME"],
    ["a number", "SALLYPORT_TUNNEL_NAME1"],
  ] as const
) {
  Deno.test(`misspeltVariables() finds ${slip}`, () => {
    assert.deepEqual(found({ [name]: "x" }), [
      `${name} SALLYPORT_TUNNEL_NAME`,
    ]);
  });
}

Deno.test("misspelledVariables() finds each once, and nothing that is an option of a service or empty", () => {
  const options = [
    ...fieldsByName({ ...CLIENT_FIELDS }),
    ...fieldsByName({ ...SERVER_FIELDS }),
  ]
    .map(([name]) => [variableNames(name)[0], "x"] as const);
  const set = {
    ...Object.fromEntries(options),
    SALLYPORT_TUNEL_NAME: "",
    SALLYPORT_SOMETHING: "x",
    SALLYPORT_TUNNEL_POLL: "x",
    TUNEL_NAME: "x",
  };

  assert.deepEqual(found(set), ["SALLYPORT_TUNNEL_POLL SALLYPORT_TUNNEL_POOL"]);
  assert.deepEqual(found(set, SERVER_FIELDS), []);
  assert.deepEqual(found({ SALLYPORT_DATA_DIRS: "x" }, SERVER_FIELDS), [
    "SALLYPORT_DATA_DIRS SALLYPORT_DATA_DIR",
  ]);
});
