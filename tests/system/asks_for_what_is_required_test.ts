/**
 * Promise: without what it needs, `run` says what is missing, and asks nobody
 * for anything.
 */
import assert from "node:assert/strict";
import { runProgram } from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";

/** Sauce Connect wants a region too; here the address of the server stands in its place. */
const REQUIRED = ["server", "username", "access-key", "tunnel-name"] as const;

for (const missing of REQUIRED) {
  Deno.test(`run without --${missing} names it and calls nobody`, async () => {
    await using server = new TcpServer(() => Promise.resolve());
    const values = {
      "server": `https://127.0.0.1:${server.port}`,
      "username": "demo",
      "access-key": "demo-key-123456",
      "tunnel-name": "lab",
    };
    const args = REQUIRED.filter((name) => name !== missing)
      .map((name) => `--${name}=${values[name]}`);

    const { code, stdout, stderr } = await runProgram(["run", ...args]);

    const variable = missing.toUpperCase().replaceAll("-", "_");
    assert.deepEqual({ code, stdout, stderr }, {
      code: 1,
      stdout: "",
      stderr: `sallyport: Cannot start without --${missing}: not set, use ` +
        `the flag, SALLYPORT_${variable} or --config-file\n`,
    });
    assert.equal(server.accepted, 0);
  });
}
