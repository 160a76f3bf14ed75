/** Promise: with `--pac` the script chooses the proxies of each site. Acceptance row 38. @module */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { type Exit, runProgram } from "../testing/process.ts";
import { runningSystem } from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { startSocks, startSquid } from "../testing/upstream.ts";
import { get } from "./browser.ts";

Deno.test({
  ...needs("squid", "microsocks"),
  name:
    "the script chooses direct, HTTP or SOCKS for each site, and the next when one fails",
  async fn() {
    const login = { username: "jane", password: "s3cr3t" };
    await using squid = await startSquid();
    await using socks = await startSocks(login);
    await using origin = await startOrigin();
    using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const gone = closed.addr.port;
    closed.close();
    await using system = await runningSystem({
      client: {
        credentials: [{ ...login, hostname: "127.0.0.1", port: socks.port }],
        dial: { attempts: 1 },
        pacText: `function FindProxyForURL(url, host) {
          if (isInNet(host, "127.0.0.2", "255.255.255.255"))
            return "PROXY 127.0.0.1:${gone}; PROXY 127.0.0.1:${squid.port}";
          if (host === "localhost") return "SOCKS5 127.0.0.1:${socks.port}";
          return "DIRECT";
        }`,
      },
    });
    const { username, password } = system.credentials;
    const browser = {
      port: system.proxyAddress.port,
      credentials: `${username}:${password}`,
    };
    const statuses: number[] = [];
    for (const host of ["direct.test", "127.0.0.2", "localhost"]) {
      const url = `http://${host}:${origin.port}/status/200`;
      statuses.push((await get(url, browser)).status);
    }

    // 127.0.0.2 reaches the origin nowhere but through Squid, which says so.
    assert.equal(statuses[0], 200);
    assert.equal(statuses[2], 200);
    await squid.told(new RegExp(`GET http://127\\.0\\.0\\.2:${origin.port}/`));
    await socks.told(/connected to localhost/);
  },
});

const SCRIPT = `function FindProxyForURL(url, host) {
  return dnsDomainIs(host, ".shop.test") ? "HTTPS a.test:8443; DIRECT" : "DIRECT";
}`;

async function evaluate(pac: string): Promise<Exit> {
  return await runProgram(["pac", "eval", "https://www.shop.test/", "-p", pac]);
}

Deno.test("pac eval reads a file, a URL and data:, and prints what is tried in order", async () => {
  const file = await Deno.makeTempFile({ suffix: ".pac" });
  await using site = new TcpServer(async (conn) => {
    await conn.read(new Uint8Array(4096));
    await conn.write(new TextEncoder().encode(
      `HTTP/1.1 200 OK\r\nContent-Length: ${SCRIPT.length}\r\n\r\n${SCRIPT}`,
    ));
  });
  try {
    await Deno.writeTextFile(file, SCRIPT);
    for (
      const source of [
        file,
        `file://${file}`,
        `http://127.0.0.1:${site.port}/proxy.pac`,
        `data:application/x-ns-proxy-autoconfig;base64,${btoa(SCRIPT)}`,
        `data:,${encodeURIComponent(SCRIPT)}`,
      ]
    ) {
      const { code, stdout, stderr } = await evaluate(source);
      assert.deepEqual(
        { code, stdout, stderr },
        { code: 0, stdout: "https://a.test:8443\nDIRECT\n", stderr: "" },
      );
    }
  } finally {
    await Deno.remove(file);
  }
});

for (
  const [pac, says] of [
    ["data:,nonsense(", /^sallyport: Cannot use the PAC: SyntaxError: .*\n$/],
    [
      "/nowhere.pac",
      /^sallyport: Cannot read the PAC file "\/nowhere\.pac": there is no such file\n$/,
    ],
  ] as const
) {
  Deno.test(`a broken PAC stops the start, in one line: ${pac}`, async () => {
    const { code, stderr } = await runProgram([
      ...["run", "--server=https://127.0.0.1:1", "--username=u"],
      ...["--access-key=k", "--tunnel-name=t", `--pac=${pac}`],
    ]);

    assert.equal(code, 1);
    assert.match(stderr, says);
  });
}
