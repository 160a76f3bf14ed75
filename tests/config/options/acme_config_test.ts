import assert from "node:assert/strict";
import {
  ACME_FIELDS,
  checkAcme,
} from "../../../src/config/options/acme_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";

async function acmeOf(...args: string[]) {
  const { values } = await collectOptions(ACME_FIELDS, {
    args,
    environment: () => undefined,
  });
  const config = validateOptions(ACME_FIELDS, values);
  checkAcme({
    ...config,
    ...{ tlsCertFile: undefined, tlsKeyFile: undefined, plainHttp: false },
  });
  return config;
}

Deno.test("--acme-domain takes names in any case", async () => {
  const { acmeDomain } = await acmeOf(
    "--acme-domain=Lab.Example.,b.example",
    "--acme-agree-terms",
  );

  assert.deepEqual(acmeDomain, ["lab.example", "b.example"]);
});

for (
  const [args, message] of [
    [["--acme-domain=*.lab.example"], /DNS-01/],
    [["--acme-domain=localhost"], /host name such as lab\.example/],
    [["--acme-domain=10.0.0.1"], /host name such as lab\.example/],
    [["--acme-domain=a_b.example"], /host name such as lab\.example/],
    [["--acme-domain=lab.example"], /terms .*set --acme-agree-terms$/],
    [["--acme-agree-terms"], /no name is given, set --acme-domain$/],
    [["--acme-directory=http://ca.example"], /https:\/\/ URL/],
    [["--acme-eab-key-id=k"], /set both$/],
    [["--acme-email=jane"], /an e-mail address/],
  ] as const
) {
  Deno.test(`${args[0]} is refused`, async () => {
    await assert.rejects(acmeOf(...args), message);
  });
}
