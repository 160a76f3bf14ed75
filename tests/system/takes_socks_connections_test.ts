/** SOCKS 5 on the proxy port: what speaks no HTTP to a proxy comes through the tunnel too, by the same rules. */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import { CREDENTIALS, credentialsFor, USER } from "../testing/user.ts";
import { runningSystem } from "../testing/running_system.ts";

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks for `url` with curl through the SOCKS proxy; names are resolved at the far end. */
async function askBySocks(
  url: string,
  { port, login }: { readonly port: number; readonly login?: string },
): Promise<Answer> {
  const proxy = `socks5h://127.0.0.1:${port}`;
  return await run("curl", [
    ...["-sS", "--max-time", "20", "-x", proxy],
    ...login === undefined ? [] : ["-U", login],
    url,
  ]);
}

Deno.test({
  ...needs("curl"),
  name: "a SOCKS client reaches a site through the tunnel",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    const { port } = system.proxyAddress;
    const login = CREDENTIALS;
    const url = `http://origin.test:${origin.port}/`;

    const { code, stdout } = await askBySocks(url, { port, login });

    assert.equal(code, 0);
    assert.equal(stdout, "sallyport test origin\n");
  },
});

Deno.test({
  ...needs("curl"),
  name: "a SOCKS client is refused by the same table as a browser",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem({
      client: { denyDomains: ["denied\\.test$"] },
    });
    const { port } = system.proxyAddress;
    const login = CREDENTIALS;
    const site = `http://origin.test:${origin.port}/`;

    const anonymous = await askBySocks(site, { port });
    const wrong = await askBySocks(site, { port, login: "demo+lab:nonsense" });
    const denied = await askBySocks("http://denied.test/", { port, login });
    const refused = await askBySocks("http://origin.test:1/", { port, login });
    const other = await askBySocks(site, {
      port,
      login: credentialsFor("other"),
    });

    // curl's 97 is a handshake with the proxy that failed; the number is the reply's.
    assert.deepEqual(
      [anonymous, wrong, denied, refused, other].map(({ code }) => code),
      [97, 97, 97, 97, 97],
    );
    assert.match(anonymous.stderr, /No authentication method|offered/);
    assert.match(wrong.stderr, /was rejected/);
    assert.match(denied.stderr, /\(2\)/);
    assert.match(refused.stderr, /\(5\)/);
    assert.match(other.stderr, /\(3\)/);
  },
});

Deno.test("a name that would break out of a message is refused by SOCKS", async () => {
  await using system = await runningSystem();
  const raw = await RawClient.connect(system.proxyAddress);
  using _raw = raw;
  const login = new TextEncoder().encode(USER.key);
  const name = new TextEncoder().encode("a\r\nX: y");
  await raw.send(
    Uint8Array.from([
      ...[5, 1, 2],
      ...[1, 8, ...new TextEncoder().encode("demo+lab"), login.length],
      ...login,
      ...[5, 1, 0, 3, name.length, ...name, 0, 80],
    ]),
  );

  const said = new Uint8Array(6);
  for (let filled = 0; filled < said.length;) {
    filled += await raw.read(said.subarray(filled)) ?? assert.fail();
  }

  assert.deepEqual([...said], [5, 2, 1, 0, 5, 1]);
});
