import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

import { readPem } from "../../../src/config/values/read_pem.ts";
import { temporaryFile } from "../fixtures.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

Deno.test("readPem() reads a path, a file: URL and data: alike", async () => {
  await using file = await temporaryFile("ca.pem", PEM);

  const texts = [
    await readPem(file.path),
    await readPem(pathToFileURL(file.path).href),
    await readPem(`data:base64,${btoa(PEM)}`),
  ];

  assert.deepEqual(texts, [PEM, PEM, PEM]);
});

Deno.test("readPem() says what is wrong without showing the content", async () => {
  await using file = await temporaryFile("ca.pem", "s3cr3t");

  await assert.rejects(readPem(file.path), {
    name: "ConfigError",
    message:
      `Cannot read a certificate from "${file.path}": it contains none, use the PEM format`,
  });
  await assert.rejects(readPem("data:base64,!s3cr3t"), {
    message:
      "Cannot read a certificate from the data: value: it contains none, " +
      "use the PEM format",
  });
  await assert.rejects(readPem("/nowhere/ca.pem"), /no such file$/);
});

Deno.test("readPem() tells a private key from a certificate", async () => {
  const begin = "-----BEGIN EC PRIVATE KEY-----";
  await using file = await temporaryFile("key.pem", begin);

  assert.equal(await readPem(file.path, "PRIVATE KEY"), begin);
  await assert.rejects(readPem(file.path), /Cannot read a certificate from/);
});
