/** Promise: with `--pac` the script chooses the proxies of each site. */
import assert from "node:assert/strict";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { type Exit, runProgram } from "../testing/process.ts";
import { BrowserConnection, get } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { startSocks, startSquid } from "../testing/upstream.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

Deno.test({
  ...needs("squid", "microsocks"),
  name:
    "the script chooses direct, HTTP or SOCKS for each site, and another when one fails",
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
    const browser = system.proxy;
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

Deno.test({
  ...needs("squid"),
  name: "the script chooses a proxy that is spoken to over TLS",
  async fn() {
    const authority = await createTestAuthority();
    const tls = await authority.issue(["127.0.0.1"]);
    await using squid = await startSquid({ user: "jane", tls });
    await using origin = await startOrigin();
    await using stack = new AsyncDisposableStack();
    const system = stack.use(
      await runningSystem({
        trusted: [authority.ca],
        client: {
          credentials: [{
            ...{ username: "jane", password: "s3cr3t" },
            ...{ hostname: "127.0.0.1", port: squid.port },
          }],
          pacText: `function FindProxyForURL(url, host) {
            return "HTTPS 127.0.0.1:${squid.port}";
          }`,
        },
      }),
    );
    const browser = system.proxy;
    const authorityOf = `127.0.0.1:${origin.port}`;

    const page = await get(`http://${authorityOf}/status/200`, browser);
    using tunnel = await BrowserConnection.open(system.proxy, {
      ...{ site: origin, hostname: "127.0.0.1", way: "connect" },
    });
    const through = await tunnel.exchange("GET", "/status/204");

    assert.deepEqual([page.status, through.status], [200, 204]);
    tunnel.raw.close();
    // Squid tells of a CONNECT when it is over.
    await stack.disposeAsync();
    await squid.told(new RegExp(`GET http://${authorityOf}/status/200 jane `));
    await squid.told(new RegExp(`CONNECT ${authorityOf} jane `));
  },
});

Deno.test("run and pac eval read the script from standard input with -", async () => {
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using proxy = startSite((exchange) =>
    exchange.answer(200, { body: `by proxy: ${exchange.target}` })
  );
  const input = `function FindProxyForURL(url, host) {
    return host === "shop.test" ? "PROXY 127.0.0.1:${proxy.port}" : "DIRECT";
  }`;
  const browser = server.proxy;

  await using client = await startClientProgram(server, {
    args: ["--pac=-"],
    input,
  });
  const chosen = await get("http://shop.test/a", browser);
  const direct = await get(`${origin.url}/status/204`, browser);
  const shown = await fetch(`${client.apiUrl}pac`);
  const evaluated = await runProgram(
    ["pac", "eval", "http://shop.test/", "--pac=-"],
    { input },
  );

  assert.equal(chosen.text, "by proxy: http://shop.test/a");
  assert.equal(direct.status, 204);
  assert.equal(await shown.text(), input);
  assert.match(
    shown.headers.get("content-type") ?? "",
    /^application\/x-ns-proxy-autoconfig/,
  );
  assert.deepEqual(evaluated, {
    code: 0,
    stdout: `http://127.0.0.1:${proxy.port}\n`,
    stderr: "",
  });
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

Deno.test("a PAC that the web does not have, or that is endless, is refused", async () => {
  await using web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("function FindProxyForURL() {}", { status: 404 }),
  );
  const url = `http://127.0.0.1:${web.addr.port}/proxy.pac`;
  const evaluate = ["pac", "eval", "http://a.test/"];

  const missing = await runProgram([...evaluate, `--pac=${url}`]);
  const endless = await runProgram([...evaluate, "--pac=-"], {
    input: " ".repeat(5 * 1024 * 1024),
  });

  assert.deepEqual([missing.code, missing.stderr], [
    1,
    `sallyport: Cannot read the PAC script at "${url}": the status of the response is 404\n`,
  ]);
  assert.deepEqual([endless.code, endless.stderr], [
    1,
    "sallyport: Cannot read the PAC script from standard input: it is larger than 4 MiB\n",
  ]);
});

for (
  const [pac, says] of [
    ["data:,nonsense(", /^sallyport: Cannot use the PAC: SyntaxError: .*\n$/],
    [
      "/nowhere.pac",
      /^sallyport: Cannot read the PAC file "\/nowhere\.pac": no such file\n$/,
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

Deno.test("a script may read the addresses of the machine", async () => {
  const { code, stdout, stderr } = await runProgram([
    ...["pac", "eval", "https://www.shop.test/", "-p"],
    `data:base64,${
      btoa("function FindProxyForURL() { return `PROXY ${myIpAddress()}:1`; }")
    }`,
  ]);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /^http:\/\/[\d.:[\]a-f]+:1\n$/);
});
