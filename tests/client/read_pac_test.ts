/** A PAC script from each place that it can be in. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { readPac } from "../../src/client/read_pac.ts";
import { temporaryFile } from "../config/fixtures.ts";
import { TcpServer } from "../testing/tcp_server.ts";

const SCRIPT = 'function FindProxyForURL() { return "DIRECT, ü"; }\n';

Deno.test("a path and a file: URL are read", async () => {
  await using file = await temporaryFile("a.pac", SCRIPT);
  assert.equal(await readPac(file.path, []), SCRIPT);
  assert.equal(await readPac(pathToFileURL(file.path).href, []), SCRIPT);
});

Deno.test("a file that is not there is said to be the PAC file", async () => {
  await assert.rejects(readPac("/nowhere/a.pac", []), {
    code: "badFile",
    message: 'Cannot read the PAC file "/nowhere/a.pac": no such file',
  });
});

const BASE64 = new TextEncoder().encode(SCRIPT).toBase64();

/** Values → what they contain. */
const DATA = {
  [`data:base64,${BASE64}`]: SCRIPT,
  [`data:application/x-ns-proxy-autoconfig;base64,${BASE64}`]: SCRIPT,
  [`data:,${encodeURIComponent(SCRIPT)}`]: SCRIPT,
  [`data:text/plain,a%2Cb,c%0A`]: "a,b,c\n",
  "data:,a\nb": "a\nb",
};

for (const [source, text] of Object.entries(DATA)) {
  Deno.test(`${source.slice(0, 40)} is read`, async () => {
    assert.equal(await readPac(source, []), text);
  });
}

for (const source of ["data:base64,%%%", "data:base64,a", "data:,%zz"]) {
  Deno.test(`${source} is refused`, async () => {
    await assert.rejects(readPac(source, []), {
      code: "badFile",
      message: "Cannot read the PAC script from the data: value: invalid " +
        "base64, use data:base64,...",
    });
  });
}

/** A site that answers with this status, and the request lines that it got. */
function site(status: string, body: string) {
  const requests: string[] = [];
  const server = new TcpServer(async (conn) => {
    const buffer = new Uint8Array(4096);
    const count = await conn.read(buffer) ?? 0;
    const text = new TextDecoder().decode(buffer.subarray(0, count));
    requests.push(text.split("\r\n")[0] ?? "");
    const bytes = new TextEncoder().encode(body);
    const head = `HTTP/1.1 ${status}\r\nContent-Length: ${bytes.length}\r\n` +
      "Connection: close\r\n\r\n";
    await conn.write(new TextEncoder().encode(head + body));
    conn.close();
  });
  return { server, requests };
}

Deno.test("a URL is fetched with its query", async () => {
  const { server, requests } = site("200 OK", SCRIPT);
  await using open = server;
  const url = `http://127.0.0.1:${open.port}/lab/a.pac?team=web`;
  assert.equal(await readPac(url, []), SCRIPT);
  assert.deepEqual(requests, ["GET /lab/a.pac?team=web HTTP/1.1"]);
});

Deno.test("a URL without a script says the status", async () => {
  const { server } = site("404 Not Found", "no");
  await using open = server;
  const url = `http://127.0.0.1:${open.port}/a.pac`;
  await assert.rejects(readPac(url, []), {
    code: "badFile",
    message: `Cannot read the PAC script at "${url}": the status of the ` +
      "response is 404",
  });
});

Deno.test("a URL that nobody serves says why", async () => {
  const url = "http://nobody.invalid/a.pac";
  await assert.rejects(readPac(url, []), (error) => {
    assert.ok(error instanceof Error);
    assert.ok(
      error.message.startsWith(`Cannot read the PAC script at "${url}": `),
    );
    assert.match(error.message, /nobody\.invalid.*: ./);
    return true;
  });
});
