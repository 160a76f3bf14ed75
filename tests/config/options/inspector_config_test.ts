import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../../src/config/options/client_config.ts";
import { checkInspector } from "../../../src/config/options/inspector_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";

const REQUIRED = [
  "--server=lab.example",
  "--username=jane",
  "--access-key=key",
  "--tunnel-name=lab",
];

async function checked(...args: readonly string[]): Promise<void> {
  const { values } = await collectOptions(CLIENT_FIELDS, {
    args: [...REQUIRED, ...args],
    environment: () => undefined,
  });
  checkInspector(validateOptions(CLIENT_FIELDS, values), values);
}

Deno.test("--inspector listens where only this machine reaches it, or requires credentials", async () => {
  await checked();
  await checked("--api-address=:8032");
  await checked("--inspector", "--api-address=127.0.0.1:8032");
  await checked("--inspector", "--api-address=[::1]:8032");
  await checked("--inspector", "--api-address=:8032", "--api-basic-auth=a:b");
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["--inspector"], /^Cannot use --inspector without --api-address: /],
  [
    ["--inspector", "--api-address=:8032"],
    /^Cannot use --inspector with this --api-address: .*set --api-basic-auth/,
  ],
  [["--inspector-bodies=2Mi"], /as --inspector-bodies: expected at most 1Mi/],
  [["--inspector-memory=1Ki"], /as --inspector-memory: expected at least 1Mi/],
];

for (const [args, message] of WRONG) {
  Deno.test(`${args.join(" ")} is refused`, async () => {
    await assert.rejects(checked(...args), { name: "ConfigError", message });
  });
}
