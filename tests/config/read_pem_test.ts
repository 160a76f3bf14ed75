import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

import { readPem } from "../../src/config/read_pem.ts";
import { temporaryFile } from "./fixtures.ts";

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
      `Cannot read certificates from "${file.path}": there are none in it, give text in PEM`,
  });
  await assert.rejects(readPem("data:base64,!s3cr3t"), {
    message:
      "Cannot read certificates from the data: value: there are none in it, " +
      "give text in PEM",
  });
  await assert.rejects(readPem("/nowhere/ca.pem"), /there is no such file$/);
});
