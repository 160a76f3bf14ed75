/** Promise: content arrives as it was sent, in both directions, however long and however framed. @module */
import assert from "node:assert/strict";
import {
  type Digest,
  digestReader,
  patternBytes,
  patternChunks,
  patternDigest,
} from "../testing/pattern.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { BrowserConnection, WAYS } from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

const KIB_64 = 65_536;
const SIZES = [0, 1, KIB_64 - 1, KIB_64, KIB_64 + 1, 1_000_003] as const;
const LARGE = 100_000_000;

for (const way of WAYS) {
  for (const route of ["bytes", "chunked", "until-close"] as const) {
    Deno.test(`${way}: downloads of every size from /${route} are identical`, async () => {
      await using origin = await startOrigin();
      await using system = await runningSystem();

      for (const size of SIZES) {
        using browser = await BrowserConnection.open(system.proxy, {
          site: origin,
          way,
        });
        const answer = await browser.exchange("GET", `/${route}/${size}`);
        const digest = await digestReader(answer.content);

        assert.deepEqual(digest, patternDigest(size));
        const length = route === "bytes" ? `${size}` : undefined;
        assert.equal(answer.get("content-length"), length);
      }
    });
  }

  Deno.test(`${way}: uploads of every size are identical, with a length and in chunks`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
      way,
    });

    for (const size of SIZES) {
      const contents = [patternBytes(size), patternChunks(size)];
      for (const content of contents) {
        const answer = await browser.exchange("POST", "/digest", { content });

        assert.deepEqual(JSON.parse(await answer.text()), patternDigest(size));
      }
    }
  });

  Deno.test(`${way}: 100 MB down are identical`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
      way,
    });

    const answer = await browser.exchange("GET", `/bytes/${LARGE}`);
    const digest = await digestReader(answer.content);

    assert.deepEqual(digest, patternDigest(LARGE));
  });

  Deno.test(`${way}: 100 MB up are identical`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();

    const seen = await upload(system, { site: origin, way });

    assert.deepEqual(seen, patternDigest(LARGE));
  });

  Deno.test(`${way}: content flows both ways at the same time`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
      way,
    });
    const size = 5_000_000;

    // The origin sends each piece back before it reads another.
    const asking = browser.ask("POST", "/echo", {
      content: patternChunks(size),
    });
    const answer = await browser.answer();
    const digest = await digestReader(answer.content);
    await asking;

    assert.deepEqual(digest, patternDigest(size));
  });

  Deno.test(`${way}: a response that does not wait for the content arrives whole`, async () => {
    await using site = startSite(async (exchange) => {
      const body = patternBytes(300_000);
      await exchange.answer(413, { fields: [["Connection", "close"]], body });
      // Until the response is through, so that no reset overtakes it.
      await exchange.conn.closeWrite();
      for await (const _ of exchange.content());
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    // Who refuses content may close before all of it has come.
    const asking = browser.ask("POST", "/", {
      content: patternChunks(20_000_000),
    })
      .catch(() => {});
    const answer = await browser.answer();
    const digest = await digestReader(answer.content);
    browser.raw.close();
    await asking;

    assert.equal(answer.status, 413);
    assert.deepEqual(digest, patternDigest(300_000));
  });

  Deno.test(`${way}: trailers arrive, in the order and case in which they were sent`, async () => {
    const sent = [["Checksum", "up"], ["X-Late", "1"], [
      "x-late",
      "2",
    ]] as const;
    let seen: unknown;
    await using site = startSite(async (exchange) => {
      for await (const _ of exchange.content());
      seen = exchange.trailers;
      await exchange.writeHead(200, [["Transfer-Encoding", "chunked"]]);
      await exchange.writeChunk(patternBytes(10));
      await exchange.write("0\r\nChecksum: down\r\nX-Late: 3\r\n\r\n");
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    const answer = await browser.exchange("POST", "/", {
      content: [patternBytes(10)],
      trailers: sent,
    });
    await digestReader(answer.content);

    assert.deepEqual(seen, sent);
    assert.deepEqual(answer.content.trailers, [
      ["Checksum", "down"],
      ["X-Late", "3"],
    ]);
  });
}

Deno.test({
  ...needs("curl"),
  name: "curl sends a file, after the 100 that it waits for",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    const file = await Deno.makeTempFile();
    await Deno.writeFile(file, patternBytes(3_000_000));

    // From 1 MB on curl asks for a 100 before it sends content.
    const { code, stdout, stderr } = await run("curl", [
      ...["--silent", "--show-error", "--verbose", "--upload-file", file],
      ...["--proxy", system.proxyUrlWithCredentials],
      `http://origin.test:${origin.port}/digest`,
    ]);
    await Deno.remove(file);

    assert.equal(code, 0, stderr);
    assert.match(stderr, /^< HTTP\/1\.1 100 Continue/m);
    assert.deepEqual(JSON.parse(stdout), patternDigest(3_000_000));
  },
});

/** Sends the large content with its length, piece by piece; says what the origin got. */
async function upload(
  system: RunningSystem,
  options: Parameters<typeof BrowserConnection.open>[1],
): Promise<Digest> {
  using browser = await BrowserConnection.open(system.proxy, options);
  const length = ["Content-Length", `${LARGE}`] as const;
  await browser.raw.send(browser.head("POST", "/digest", [length]));
  for (const piece of patternChunks(LARGE)) await browser.raw.send(piece);
  const answer = await browser.answer();
  return JSON.parse(await answer.text());
}
