/** Promise: the TLS of named hosts is opened, and a browser that trusts the server's CA does not notice. @module */
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { loadInterceptionCa } from "../../src/server/interception/interception_ca.ts";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { PAGE_RESULT } from "../testing/origin_page.ts";
import { run } from "../testing/process.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";

const HOST = "shop.test";
/** 73 characters: more than a common name may have. */
const LONG_HOST = `${"a".repeat(34)}.${"b".repeat(33)}.test`;

/** A system whose client trusts the origin's authority and has TLS opened. */
async function openingSystem(
  origin: Origin,
  { client = {}, server = {} }: SystemOptions = {},
): Promise<RunningSystem> {
  return await runningSystem({
    server,
    client: { tlsResignDomains: ["all"], ...client },
    trusted: origin.ca === undefined ? [] : [origin.ca],
  });
}

/** Asks with curl, which trusts the server's CA, or `trusted`, and nobody else. */
async function curl(
  system: RunningSystem,
  url: string,
  { args = [], trusted = system.server.browserCa }: {
    readonly args?: readonly string[];
    readonly trusted?: string;
  },
): Promise<{ stdout: string; stderr: string; code: number }> {
  const ca = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(ca, trusted);
  try {
    return await run("curl", [
      ...["--silent", "--show-error", "--cacert", ca],
      ...["--proxy", system.proxyUrlWithCredentials, ...args, url],
    ]);
  } finally {
    await Deno.remove(ca);
  }
}

/** What curl says of the connection behind what it got. */
const ABOUT = ["--write-out", "%{http_version} %{response_code}\\n%{certs}"];

async function startBrowser(system: RunningSystem): Promise<TestBrowser> {
  return await startChromium({
    proxy: { server: system.proxyUrl, ...system.credentials },
    args: [
      `--ignore-certificate-errors-spki-list=${
        keyHash(system.server.browserCa)
      }`,
    ],
  });
}

Deno.test({
  ...needs("chromium"),
  name: "Chromium shows an HTTPS page with everything in it, over HTTP/2",
  async fn() {
    await using origin = await startOrigin("https", [HOST]);
    await using system = await openingSystem(origin);
    await using chromium = await startBrowser(system);
    const page = await chromium.browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });

    const response = await page.goto(`https://${HOST}:${origin.port}/page`);
    await page.waitForSelector("#result[data-done]", { state: "attached" });
    const result = await page.textContent("#result");
    const details = await response?.securityDetails();
    const protocols = await page.evaluate(
      "performance.getEntries().map((entry) => entry.nextHopProtocol)",
    );

    assert.deepEqual(JSON.parse(result ?? ""), PAGE_RESULT);
    assert.equal(details?.subjectName, HOST);
    assert.match(details?.issuer ?? "", /^Sallyport CA /);
    assert.ok(Array.isArray(protocols) && protocols.includes("h2"));
    assert.ok(!protocols.includes("http/1.1"));
    assert.deepEqual(complaints, []);
  },
});

Deno.test({
  ...needs("curl"),
  name: "curl speaks HTTP/2 and HTTP/1.1 with a certificate of the server's CA",
  async fn() {
    await using origin = await startOrigin("https", [HOST]);
    await using system = await openingSystem(origin);
    const url = `https://${HOST}:${origin.port}/echo`;
    const sent = "x".repeat(60_000);

    for (const [flag, version] of [["--http2", "2"], ["--http1.1", "1.1"]]) {
      const { stdout, stderr } = await curl(system, url, {
        args: [flag ?? "", "--data-binary", sent, ...ABOUT],
      });

      assert.equal(stdout.slice(0, sent.length), sent, stderr);
      const about = stdout.slice(sent.length);
      assert.match(about, new RegExp(`^${version} 200\n`));
      const certificate = new X509Certificate(
        about.slice(about.indexOf("---")),
      );
      assert.match(certificate.issuer, /^CN=Sallyport CA /);
      assert.equal(certificate.subjectAltName, `DNS:${HOST}`);
    }
    assert.match(origin.heads[0] ?? "", /^POST \/echo HTTP\/1\.1\r\n/);
    assert.match(
      origin.heads[0] ?? "",
      new RegExp(`^Host: ${HOST}:${origin.port}\r$`, "im"),
    );
  },
});

const NAMES: readonly (readonly [name: string, san: string])[] = [
  [LONG_HOST, `DNS:${LONG_HOST}`],
  ["127.0.0.1", "IP Address:127.0.0.1"],
  ["localhost", "DNS:localhost"],
];

for (const [name, san] of NAMES) {
  Deno.test({
    ...needs("curl"),
    name: `a certificate is made for ${name}`,
    async fn() {
      await using origin = await startOrigin("https", [LONG_HOST]);
      await using system = await openingSystem(origin);

      const { stdout, stderr } = await curl(
        system,
        `https://${name}:${origin.port}/status/200`,
        { args: ABOUT },
      );

      const pem = stdout.slice(stdout.indexOf("---"));
      assert.notEqual(stdout, "", stderr);
      assert.equal(new X509Certificate(pem).subjectAltName, san);
      assert.equal(origin.heads.length, 1);
    },
  });
}

Deno.test({
  ...needs("curl"),
  name: "a CA of the operator's signs, and everybody gets it from the REST API",
  async fn() {
    await using origin = await startOrigin("https", [HOST]);
    const folder = await Deno.makeTempDir();
    const lab = await loadInterceptionCa(undefined, folder);
    const interceptionCa = {
      cert: lab.caPem,
      key: await Deno.readTextFile(`${folder}/browser-ca-key.pem`),
    };
    await Deno.remove(folder, { recursive: true });
    await using system = await openingSystem(origin, {
      server: { interceptionCa },
    });
    const url = new URL("/rest/v1/public/ca.pem", system.server.url);

    using client = Deno.createHttpClient({
      caCerts: [system.server.ca?.pem ?? ""],
    });
    const response = await fetch(url, { client });
    const caPem = await response.text();
    const { stdout, stderr } = await curl(
      system,
      `https://${HOST}:${origin.port}/`,
      { trusted: caPem },
    );

    assert.equal(caPem, lab.caPem);
    assert.equal(stdout, "sallyport test origin\n", stderr);
  },
});

const UNTOUCHED: readonly (readonly [what: string, rules: object])[] = [
  ["by default", { tlsResignDomains: [] }],
  ["that is excluded", { tlsResignDomains: ["all", "-^shop\\."] }],
  ["that is not named", { tlsResignDomains: ["^other\\."] }],
  ["named to pass through", {
    tlsResignDomains: [],
    tlsPassthroughDomains: [HOST],
  }],
];

for (const [what, client] of UNTOUCHED) {
  Deno.test({
    ...needs("curl"),
    name: `a host ${what} shows its own certificate`,
    async fn() {
      await using origin = await startOrigin("https", [HOST]);
      await using system = await openingSystem(origin, { client });

      const { stdout } = await curl(
        system,
        `https://${HOST}:${origin.port}/status/200`,
        { args: ["--insecure", ...ABOUT] },
      );

      const pem = stdout.slice(stdout.indexOf("---"));
      assert.equal(
        new X509Certificate(pem).issuer,
        "CN=Sallyport test authority",
      );
    },
  });
}

Deno.test({
  ...needs("curl"),
  name: "all hosts are opened but those that pass through",
  async fn() {
    await using origin = await startOrigin("https", [HOST]);
    await using system = await openingSystem(origin, {
      client: { tlsResignDomains: [], tlsPassthroughDomains: ["^other\\."] },
    });

    const { stdout } = await curl(
      system,
      `https://${HOST}:${origin.port}/status/200`,
      { args: ABOUT },
    );

    const pem = stdout.slice(stdout.indexOf("---"));
    assert.match(new X509Certificate(pem).issuer, /^CN=Sallyport CA /);
  },
});

Deno.test({
  ...needs("curl"),
  name:
    "a site that the client does not trust is a clear 502, or open with --insecure-domains",
  async fn() {
    await using origin = await startOrigin("https", [HOST]);
    const url = `https://${HOST}:${origin.port}/status/200`;
    await using strict = await runningSystem({
      client: { tlsResignDomains: ["all"] },
    });
    const refused = await curl(strict, url, { args: ["--include"] });

    assert.match(refused.stdout, /^HTTP\/2 502 \r\n/m);
    assert.match(
      refused.stdout,
      /^sallyport client: Cannot trust the certificate of "shop\.test:\d+": .*--cacert-file.*--insecure-domains/m,
    );
    assert.match(refused.stdout, /^x-sallyport-error: tls_certificate /m);

    await using lenient = await runningSystem({
      client: {
        tlsResignDomains: ["all"],
        insecureDomains: ["^shop\\.test$"],
        apiAddress: { hostname: "127.0.0.1", port: 0 },
      },
    });
    const open = await curl(lenient, url, { args: ["--include"] });
    const metrics = await fetch(new URL("/metrics", lenient.client.apiUrl));

    assert.match(open.stdout, /^HTTP\/2 200 \r\n/m);
    assert.match(
      await metrics.text(),
      /^sallyport_insecure_connections_total 1$/m,
    );
  },
});

/** SHA-256 of a certificate's public key in base64. */
function keyHash(pem = ""): string {
  const der = new X509Certificate(pem).publicKey
    .export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("base64");
}
