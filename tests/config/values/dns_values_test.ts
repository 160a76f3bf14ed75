import assert from "node:assert/strict";

import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../../src/config/options/client_config.ts";
import { dnsServer } from "../../../src/config/values/dns_values.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import { temporaryFile } from "../fixtures.ts";

const FIELDS = {
  configFile: CLIENT_FIELDS.configFile,
  dnsTimeout: CLIENT_FIELDS.dnsTimeout,
  hostOverride: CLIENT_FIELDS.hostOverride,
};

const OVERRIDES: ClientConfig["hostOverride"] = [
  { pattern: "a.test", addresses: ["10.0.0.1", "::1"] },
  { pattern: "*.b.test", addresses: ["10.0.0.2"] },
];

/** The overrides that flags and variables give. */
async function overrides(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ClientConfig["hostOverride"]> {
  const environment = (name: string) => variables[name];
  const { values } = await collectOptions(FIELDS, { args, environment });
  return validateOptions(FIELDS, values).hostOverride;
}

const SERVERS = [
  ["10.0.0.53", "10.0.0.53:53"],
  ["10.0.0.53:5353", "10.0.0.53:5353"],
  ["2001:db8::53", "[2001:db8::53]:53"],
  ["[2001:db8::53]", "[2001:db8::53]:53"],
  ["[::1]:5353", "[::1]:5353"],
] as const;

for (const [words, encoded] of SERVERS) {
  Deno.test(`dnsServer() reads ${words}`, () => {
    assert.equal(dnsServer().encode(dnsServer().parse(words)), encoded);
  });
}

for (
  const words of [
    ...["", "dns.test", "dns.test:53", "127.1", "10.0.0.53:0"],
    ...["10.0.0.53:99999", "[10.0.0.53]:53", "10.0.0.53/24"],
  ]
) {
  Deno.test(`dnsServer() refuses "${words}"`, () => {
    assert(!dnsServer().safeParse(words).success);
  });
}

Deno.test("hostOverrides() reads flags, once for each name or all together", async () => {
  const flag = "--host-override";

  assert.deepEqual(
    await overrides([flag, "a.test=10.0.0.1,::1", flag, "*.b.test=10.0.0.2"]),
    OVERRIDES,
  );
  assert.deepEqual(
    await overrides([flag, "a.test=10.0.0.1,::1,*.b.test=10.0.0.2"]),
    OVERRIDES,
  );
});

Deno.test("hostOverrides() reads a variable", async () => {
  const variables = {
    SALLYPORT_HOST_OVERRIDE: "a.test=10.0.0.1, ::1, *.b.test=10.0.0.2",
  };

  assert.deepEqual(await overrides([], variables), OVERRIDES);
});

for (
  const [form, text] of Object.entries({
    "a list": "host-override:\n- a.test=10.0.0.1,::1\n- '*.b.test=10.0.0.2'\n",
    "a text": "host-override: a.test=10.0.0.1,::1,*.b.test=10.0.0.2\n",
    "a table":
      "host-override:\n  a.test: 10.0.0.1,::1\n  '*.b.test': 10.0.0.2\n",
  })
) {
  Deno.test(`hostOverrides() reads ${form} in a YAML file`, async () => {
    await using file = await temporaryFile("a.yaml", text);

    assert.deepEqual(
      await overrides(["--config-file", file.path]),
      OVERRIDES,
    );
  });
}

Deno.test("hostOverrides() says what is wrong", async () => {
  await assert.rejects(overrides(["--host-override=a.test"]), {
    message: 'Cannot use "a.test" as --host-override: ' +
      "expected name=ip or *.name=ip, but it has no address",
  });
  await assert.rejects(overrides(["--host-override=a.test=10.0.0.1,b.test"]), {
    message: 'Cannot use "a.test=10.0.0.1,b.test" as --host-override: ' +
      'expected name=ip or *.name=ip, but "b.test" is not an IP address',
  });
});

Deno.test("--dns-timeout must leave the servers some time", async () => {
  await assert.rejects(overrides(["--dns-timeout=0s"]), {
    message: 'Cannot use "0s" as --dns-timeout: expected a duration above 0s',
  });
});
