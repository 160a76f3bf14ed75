import assert from "node:assert/strict";

import { defaultListenHost, isContainer } from "../../src/config/container.ts";

Deno.test("a server in a container listens on all interfaces by default", () => {
  assert.equal(defaultListenHost(() => "container"), "0.0.0.0");
  assert.equal(defaultListenHost(() => undefined), "127.0.0.1");
});

Deno.test("only PLATFORM=container says that the program is in a container", () => {
  const variables: Record<string, string> = { PLATFORM: "container" };
  assert.equal(isContainer((name) => variables[name]), true);
  variables["PLATFORM"] = "linux";
  assert.equal(isContainer((name) => variables[name]), false);
});
