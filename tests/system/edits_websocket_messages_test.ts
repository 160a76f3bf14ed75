/** Promise: plugins see, change, drop and answer the messages of WebSockets, and everything else of these passes. @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../testing/browser.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  OPCODE,
  readFrame,
  sendFrame,
  WEBSOCKET_FIELDS,
} from "../testing/websocket_client.ts";
import {
  openWebSocket,
  startWebSocketSite,
} from "../testing/websocket_peers.ts";
import { RawClient } from "../testing/raw_client.ts";
import { Relay } from "../testing/relay.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

const EDIT = `export default {
  match: { host: "chat.test" },
  message(message) {
    const { from, data } = message;
    if (data === "drop") return "drop";
    if (data === "who?") {
      message.send("browser", "the plugin");
      return "drop";
    }
    if (typeof data === "string") message.data = from + ": " + data;
    else data[0] = 9;
  },
};`;

for (const place of PLACES) {
  Deno.test(`messages are changed, dropped and answered (${place})`, async () => {
    await using site = await startWebSocketSite();
    await using tunnel = await startPluginSystem({ "edit.js": EDIT }, {
      place,
    });
    const url = `ws://chat.test:${site.port}/room`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();

    await browser.send("hello");
    await browser.send("drop");
    await browser.send(Uint8Array.of(1, 2, 3));
    await browser.send("who?");
    browser.socket.ping("p");
    await browser.send("€".repeat(100_000));
    await far.send("welcome");
    await far.send("drop");
    await far.send(Uint8Array.of(4));

    assert.equal(await far.next(), "browser: hello");
    assert.equal(await far.next(), "9,2,3");
    assert.equal(await far.next(), "ping p");
    assert.equal(await far.next(), `browser: ${"€".repeat(100_000)}`);
    const received = new Set([
      await browser.next(),
      await browser.next(),
      await browser.next(),
      await browser.next(),
    ]);
    assert.deepEqual(
      received,
      new Set(["the plugin", "pong p", "site: welcome", "9"]),
    );
    assert.equal(far.socket.extensions, "permessage-deflate");
    assert.equal(browser.socket.extensions, "permessage-deflate");

    browser.socket.close(4001, "enough");

    assert.deepEqual(await far.ended, { code: 4001, reason: "enough" });
    assert.deepEqual(await browser.ended, { code: 4001, reason: "enough" });
  });

  Deno.test(`a hook knows the handshake, and what the plugin keeps of it (${place})`, async () => {
    await using site = await startWebSocketSite();
    await using tunnel = await startPluginSystem({
      "count.js": `export default {
        request({ url, headers }, { state }) {
          state.count = 10;
          url.searchParams.set("by", "plugin");
          headers.set("X-Own", "1");
        },
        message(message, { state, request, original, user, id }) {
          message.data = JSON.stringify({
            count: state.count++,
            asked: request.url.search + " " + request.headers.get("x-own"),
            original: original.url.search,
            isKnown: user !== undefined && id !== "",
          });
        },
      };`,
    }, { place });
    const url = `ws://chat.test:${site.port}/?a=b`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using other = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();

    await other.send("a");
    await browser.send("a");
    const first = JSON.parse(await far.next());
    await far.send("b");
    const seen = JSON.parse(await browser.next());

    assert.equal(first.count, 10);
    assert.deepEqual(seen, {
      count: 11,
      asked: "?a=b&by=plugin 1",
      original: "?a=b",
      isKnown: true,
    });
  });

  Deno.test(`a hook aborts the WebSocket (${place})`, async () => {
    await using site = await startWebSocketSite();
    await using tunnel = await startPluginSystem({
      "abort.js": `export default {
        message({ data }, { abort }) {
          if (data === "cut") abort();
        },
      };`,
    }, { place });
    const url = `ws://chat.test:${site.port}/`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();

    await browser.send("fine");
    assert.equal(await far.next(), "fine");
    await browser.send("cut");

    // Without a close frame: the connections were cut.
    assert.deepEqual(await far.ended, { code: 1006, reason: "" });
    assert.deepEqual(await browser.ended, { code: 1006, reason: "" });
    assert.deepEqual(tunnel.log.matching("hook failed"), []);
  });

  Deno.test(`with "on-failure: skip" a message passes as it was (${place})`, async () => {
    await using site = await startWebSocketSite();
    await using tunnel = await startPluginSystem({
      "bad.js": `export default {
        message(m) {
          if (m.data.startsWith("boom")) throw new Error("no");
          m.data += "!";
        },
      };`,
      "good.js": `export default { message(m) { m.data += "?"; } };`,
    }, { place, uses: { "bad.js": { onFailure: "skip" } } });
    const url = `ws://chat.test:${site.port}/`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();

    for (const text of ["a", "boom", "b"]) browser.socket.send(text);

    // A plugin with settings of its own comes last.
    assert.deepEqual(
      [await far.next(), await far.next(), await far.next()],
      ["a?!", "boom?", "b?!"],
    );
    const [line] = tunnel.log.matching(
      "hook failed, the request passes without it",
    );
    assert.equal(line?.fields["plugin"], "bad");
  });

  Deno.test(`a hook that throws closes both ends with 1011, and says where (${place})`, async () => {
    await using site = await startWebSocketSite();
    await using tunnel = await startPluginSystem({
      "bad.js": `export default {
        message({ data }) {
          if (data === "boom") throw new Error("not today");
        },
      };`,
    }, { place });
    const url = `ws://chat.test:${site.port}/`;
    using browser = await openWebSocket(url, tunnel.proxy);
    using far = await site.accept();

    await browser.send("fine");
    await browser.send("boom");

    assert.equal(await far.next(), "fine");
    const ending = { code: 1011, reason: 'Plugin "bad" failed' };
    assert.deepEqual(await far.ended, ending);
    assert.deepEqual(await browser.ended, ending);
    const [line, ...others] = tunnel.log.matching("hook failed");
    assert.deepEqual(others, []);
    assert.equal(line?.level, "error");
    const { plugin, hook, location, id } = line.fields;
    assert.deepEqual([plugin, hook], ["bad", "message"]);
    assert.match(String(location), /bad\.js:3:/);
    assert.ok(id);
    const [closed] = tunnel.log.matching("WebSocket closed");
    assert.deepEqual([closed?.fields["id"], closed?.fields["code"]], [
      id,
      1011,
    ]);
  });
}

Deno.test("a hook that takes too long closes the WebSocket", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startPluginSystem({
    "slow.js": `export default { message: () => new Promise(() => {}) };`,
  }, { plugins: { timeBudget: 50 } });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  await far.send("hello");

  assert.equal((await browser.ended).code, 1011);
  assert.equal((await far.ended).code, 1011);
});

Deno.test("with skip, messages that came with one too late pass as they were", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startPluginSystem({
    "slow.js": `export default {
      message: (m) => m.data === "hang" ? new Promise(() => {}) : "drop",
    };`,
  }, {
    plugins: { timeBudget: 50 },
    uses: { "slow.js": { onFailure: "skip" } },
  });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  await far.send("hang");
  await far.send("dropped");
  await far.send("hang");

  assert.equal(await browser.next(), "hang");
  let next = await browser.next();
  if (next === "dropped") next = await browser.next();
  assert.equal(next, "hang");
});

Deno.test("extensions that cannot be read are not offered, to sites of plugins only", async () => {
  await using site = await startWebSocketSite({ perMessageDeflate: false });
  await using tunnel = await startPluginSystem({ "edit.js": EDIT });
  const headers = { "Sec-WebSocket-Extensions": "x-own, permessage-deflate" };
  const options = { perMessageDeflate: false, headers };

  using _edited = await openWebSocket(
    ...[`ws://chat.test:${site.port}/`, tunnel.proxy, options] as const,
  );
  using _other = await openWebSocket(
    ...[`ws://other.test:${site.port}/`, tunnel.proxy, options] as const,
  );

  const [edited, other] = site.handshakes;
  assert.match(edited ?? "", /^sec-websocket-extensions: permessage-deflate$/m);
  assert.match(
    other ?? "",
    /^sec-websocket-extensions: x-own, permessage-deflate$/m,
  );
});

Deno.test("without compression nothing is compressed", async () => {
  await using site = await startWebSocketSite({ perMessageDeflate: false });
  await using tunnel = await startPluginSystem({ "edit.js": EDIT });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  await far.send("plain");

  assert.equal(await browser.next(), "site: plain");
  assert.equal(browser.socket.extensions, "");
});

Deno.test("a plugin opens a WebSocket that has no site", async () => {
  await using tunnel = await startPluginSystem({
    "mock.js": `export default {
      match: { host: "api.invalid" },
      request({ upgrade }) {
        if (upgrade !== "websocket") return;
        return new Response(null, {
          headers: { "Sec-WebSocket-Protocol": "chat" },
        });
      },
      message(message) {
        message.send("browser", "echo " + message.data);
      },
    };`,
  });
  using browser = await openWebSocket("ws://api.invalid/", tunnel.proxy, {
    protocols: ["chat"],
  });

  await browser.send("a");
  browser.socket.ping("p");
  await browser.send("b");

  assert.equal(browser.socket.protocol, "chat");
  assert.equal(await browser.next(), "echo a");
  assert.equal(await browser.next(), "pong p");
  assert.equal(await browser.next(), "echo b");
  browser.socket.close(1000, "done");
  assert.deepEqual(await browser.ended, { code: 1000, reason: "done" });
});

for (const place of PLACES) {
  Deno.test(`a WebSocket without a site begins with the content of its response (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "mock.js": `export default {
        match: { host: "api.invalid" },
        request({ upgrade, url: { pathname } }) {
          if (upgrade !== "websocket") return;
          switch (pathname) {
            case "/text": return new Response("welcome");
            case "/json": return Response.json({ ready: true });
            case "/bytes": return new Response(Uint8Array.of(1, 2, 3));
            case "/large": return new Response("x".repeat(1024 * 1024 + 1));
            case "/broken":
              return new Response(Uint8Array.of(0xff), {
                headers: { "Content-Type": "text/plain" },
              });
          }
        },
        message(message) {
          if (message.from === "browser") message.send("browser", "echo");
          else if (message.data === "welcome") message.data += "!";
        },
      };`,
    }, { place });
    const first = async (path: string) => {
      const url = `ws://api.invalid/${path}`;
      using browser = await openWebSocket(url, tunnel.proxy);
      const message = await browser.next();
      await browser.send("a");
      return [message, await browser.next()];
    };

    assert.deepEqual(await first("text"), ["welcome!", "echo"]);
    assert.deepEqual(await first("json"), ['{"ready":true}', "echo"]);
    assert.deepEqual(await first("bytes"), ["1,2,3", "echo"]);
    await assert.rejects(first("large"), /502/);
    await assert.rejects(first("broken"), /502/);
    assert.deepEqual(
      tunnel.log.matching("WebSocket not opened").map(({ level, fields }) => [
        level,
        fields["host"],
        `${fields["error"]}`.replace(/.* first message, /, ""),
      ]),
      [
        ["error", "api.invalid", "has more than 1048576 bytes"],
        ["error", "api.invalid", "is text, and not UTF-8"],
      ],
    );
  });
}

for (const place of PLACES) {
  Deno.test(`a first message without an end ends when the browser leaves (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "mock.js": `export default {
        match: { host: "api.invalid" },
        request({ upgrade }, { log }) {
          if (upgrade !== "websocket") return;
          log.info("asked");
          return new Response(new ReadableStream({
            cancel() { log.info("cancelled"); },
          }));
        },
        message() {},
      };`,
    }, { place });
    await using relay = await Relay.start(tunnel.system.proxyAddress.port);
    using raw = await RawClient.connect({ port: relay.port });
    await raw.send(
      "GET http://api.invalid/ HTTP/1.1\r\nHost: api.invalid\r\n" +
        `Proxy-Authorization: ${tunnel.system.authorization}\r\n` +
        "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await tunnel.log.seen("asked");
    // A closed socket could be one that has said all; a broken one is gone.
    relay.cut();

    await tunnel.log.seen("cancelled");
  });
}

Deno.test("the messages of one WebSocket pass all plugins in order", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startPluginSystem({
    "a.js": `export default {
      async message(m) {
        if (m.data % 10 === 0) await new Promise((go) => setTimeout(go, 1));
        m.data += "a";
      },
    };`,
    "b.js": `export default {
      message(m) {
        if (m.data === "7a") return "drop";
        m.data += "b";
        if (m.data === "8ab") m.send("site", "inserted");
      },
    };`,
  });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  for (let at = 0; at < 300; at++) browser.socket.send(String(at));

  for (let at = 0; at < 300; at++) {
    if (at === 8) assert.equal(await far.next(), "inserted");
    if (at !== 7) assert.equal(await far.next(), `${at}ab`);
  }
});

Deno.test("a plugin that is replaced goes on with the WebSockets that it has", async () => {
  await using site = await startWebSocketSite();
  const version = (text: string): string =>
    `export default { message(m) { m.data += "${text}"; } };`;
  await using tunnel = await startPluginSystem(
    { "edit.js": version(" old") },
    { plugins: { watch: true } },
  );
  const url = `ws://chat.test:${site.port}/`;
  using before = await openWebSocket(url, tunnel.proxy);
  using farBefore = await site.accept();

  await tunnel.files.write("edit.js", version(" new"));
  await tunnel.log.seen("plugins in use");
  using after = await openWebSocket(url, tunnel.proxy);
  using farAfter = await site.accept();
  await before.send("a");
  await after.send("b");

  assert.equal(await farBefore.next(), "a old");
  assert.equal(await farAfter.next(), "b new");
});

Deno.test("a client that stops ends the WebSockets that plugins see", async () => {
  await using site = await startWebSocketSite();
  await using tunnel = await startPluginSystem({ "edit.js": EDIT });
  const url = `ws://chat.test:${site.port}/`;
  using browser = await openWebSocket(url, tunnel.proxy);
  using far = await site.accept();

  await within(tunnel.system.client.stop(), "the client to stop");

  assert.equal((await browser.ended).code, 1006);
  assert.equal((await far.ended).code, 1006);
});

Deno.test("frames of WebSockets that plugins do not match pass as they are", async () => {
  await using origin = await startOrigin();
  await using tunnel = await startPluginSystem({ "edit.js": EDIT });
  using browser = await BrowserConnection.open(tunnel.proxy, { site: origin });
  const payload = bytesOf("part");

  await browser.exchange("GET", "/ws", { fields: WEBSOCKET_FIELDS });
  await sendFrame(browser.raw, {
    opcode: OPCODE.text,
    payload,
    isFinal: false,
  });
  await sendFrame(browser.raw, { opcode: OPCODE.continuation, payload });

  assert.equal((await readFrame(browser.raw)).isFinal, false);
  assert.equal((await readFrame(browser.raw)).isFinal, true);
});
