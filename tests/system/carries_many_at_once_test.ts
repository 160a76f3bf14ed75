/** Promise: requests do not get into each other's way, nor into each other's content. @module */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  digestReader,
  patternBytes,
  patternChunks,
  patternDigest,
} from "../testing/pattern.ts";
import { BrowserConnection } from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

const AT_ONCE = 256;
/** More than all buffers on the way: what is not read waits at the origin. */
const ENDLESS = 1_000_000_000;

Deno.test("256 requests at once get each its own response", async () => {
  const all = Promise.withResolvers<void>();
  let arrived = 0;
  await using site = startSite(async (exchange) => {
    let content = "";
    for await (const piece of exchange.content()) {
      content += new TextDecoder().decode(piece);
    }
    // No response comes before the last request has come: they do run at once.
    if (++arrived === AT_ONCE) all.resolve();
    await all.promise;
    const filler = ".".repeat(Number(exchange.argument) * 37);
    await exchange.answer(200, {
      body: `${exchange.path} ${content}${filler}`,
    });
  });
  await using system = await runningSystem();

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, at) => ask(system, site, at)),
  );

  for (const [at, text] of answers.entries()) {
    assert.equal(text, `/number/${at} content ${at}${".".repeat(at * 37)}`);
  }
});

Deno.test("responses to pipelined requests come in order", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const sizes = [0, 70_000, 1, 200_000, 5, 65_536, 0, 3];
  const post = browser.head("POST", "/digest", [["Content-Length", "5"]]);

  const gets = sizes.map((size, at) =>
    browser.head("GET", `/${at % 2 === 0 ? "bytes" : "chunked"}/${size}`)
  );
  await browser.raw.send(`${gets.join("")}${post}12345`);

  for (const size of sizes) {
    const answer = await browser.answer();
    assert.deepEqual(await digestReader(answer.content), patternDigest(size));
  }
  const last = await browser.answer();
  assert.equal(JSON.parse(await last.text()).bytes, 5);
});

Deno.test("150 downloads that nobody reads do not stop the others on their session", async () => {
  await using origin = await startOrigin();
  // One session: all share its windows.
  await using system = await runningSystem({
    client: { tunnelConnections: 1 },
  });
  using stalled = new DisposableStack();
  for (let at = 0; at < 150; at++) {
    const connection = stalled.use(
      await BrowserConnection.open(system.proxy, { site: origin }),
    );
    const unread = await connection.exchange("GET", `/bytes/${ENDLESS}`);
    assert.equal(unread.status, 200);
  }

  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  for (let at = 0; at < 50; at++) {
    const answer = await browser.exchange("GET", `/bytes/${at}`);
    assert.equal((await answer.text()).length, at);
  }
  const large = await browser.exchange("GET", "/bytes/20000000");

  assert.deepEqual(
    await digestReader(large.content),
    patternDigest(20_000_000),
  );
});

Deno.test("an upload that the origin does not read does not stop the others", async () => {
  const reached = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using origin = await startOrigin();
  await using deaf = startSite(async () => {
    reached.resolve();
    await over.promise;
    throw new Error("It has not read the content and never will");
  });
  await using system = await runningSystem({
    client: { tunnelConnections: 1 },
  });
  using stalled = await BrowserConnection.open(system.proxy, { site: deaf });
  const uploading = stalled.ask("POST", "/", {
    content: patternChunks(ENDLESS),
  })
    .catch(() => {});
  await within(reached.promise, "the upload to reach the origin");

  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const content = patternBytes(20_000_000);
  const answer = await browser.exchange("POST", "/digest", { content });

  assert.deepEqual(
    JSON.parse(await answer.text()),
    patternDigest(20_000_000),
  );
  stalled.raw.close();
  over.resolve();
  await uploading;
});

/** Requests `/number/AT`; gives the content of the response. */
async function ask(
  system: RunningSystem,
  site: { readonly port: number },
  at: number,
): Promise<string> {
  using browser = await BrowserConnection.open(system.proxy, { site });
  const content = new TextEncoder().encode(`content ${at}`);
  const answer = await browser.exchange("POST", `/number/${at}`, { content });
  return await answer.text();
}
