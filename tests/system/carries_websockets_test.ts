/** Promise: WebSockets and other protocols that begin with an Upgrade pass, and so does an origin's refusal. @module */
import assert from "node:assert/strict";
import { bytesOf, textOf } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { digestOf, patternBytes, patternDigest } from "../testing/pattern.ts";
import { BrowserConnection, WAYS } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";
import {
  OPCODE,
  readFrame,
  sendFrame,
  WEBSOCKET_ACCEPT,
  WEBSOCKET_FIELDS,
} from "../testing/websocket_client.ts";

for (const way of WAYS) {
  Deno.test(`${way}: 100 messages come back one by one, and the close does`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
      way,
    });

    const answer = await browser.exchange("GET", "/ws", {
      fields: WEBSOCKET_FIELDS,
    });
    for (let at = 0; at < 100; at++) {
      const payload = bytesOf(`message ${at}`);
      await sendFrame(browser.raw, { opcode: OPCODE.text, payload });
      const echo = await readFrame(browser.raw);
      assert.equal(textOf(echo.payload), `message ${at}`);
    }
    const goodbye = Uint8Array.of(0x03, 0xe8, 0x6f, 0x6b);
    await sendFrame(browser.raw, { opcode: OPCODE.close, payload: goodbye });
    const last = await readFrame(browser.raw);
    const rest = await browser.raw.readAll();

    assert.equal(answer.status, 101);
    assert.equal(answer.get("sec-websocket-accept"), WEBSOCKET_ACCEPT);
    assert.equal(answer.get("upgrade")?.toLowerCase(), "websocket");
    assert.match(answer.get("connection") ?? "", /upgrade/i);
    assert.equal(last.opcode, OPCODE.close);
    assert.deepEqual([...last.payload], [...goodbye]);
    assert.equal(rest, "");
  });

  Deno.test(`${way}: large frames and fragments pass as they are`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
      way,
    });
    const sizes = [0, 125, 126, 65_535, 65_536, 1_000_000];

    await browser.exchange("GET", "/ws", { fields: WEBSOCKET_FIELDS });
    for (const size of sizes) {
      const payload = patternBytes(size);
      // The echo begins when the frame is complete, so sending never waits.
      await sendFrame(browser.raw, {
        opcode: OPCODE.binary,
        payload,
        isFinal: false,
      });
      await sendFrame(browser.raw, { opcode: OPCODE.continuation, payload });
      const [first, second] = [
        await readFrame(browser.raw),
        await readFrame(browser.raw),
      ];

      assert.deepEqual([first.isFinal, second.isFinal], [false, true]);
      assert.deepEqual(digestOf([first.payload]), patternDigest(size));
      assert.deepEqual(digestOf([second.payload]), patternDigest(size));
    }
  });

  for (const status of [200, 400, 426] as const) {
    Deno.test(`${way}: an origin that declines the upgrade with ${status} is heard`, async () => {
      await using site = startSite((exchange) =>
        exchange.answer(status, {
          fields: [["Sec-WebSocket-Version", "99"], ["X-Why", "no"]],
          body: "no WebSockets here",
        })
      );
      await using system = await runningSystem();
      using browser = await BrowserConnection.open(system.proxy, { site, way });

      const answer = await browser.exchange("GET", "/ws", {
        fields: WEBSOCKET_FIELDS,
      });
      const text = await answer.text();
      const next = await browser.exchange("GET", "/");

      assert.equal(answer.status, status);
      assert.equal(answer.get("x-why"), "no");
      assert.equal(answer.get("sec-websocket-version"), "99");
      assert.equal(text, "no WebSockets here");
      assert.equal(next.status, status);
    });
  }

  Deno.test(`${way}: any other protocol passes, from its first byte to its last`, async () => {
    let head = "";
    const rest = Promise.withResolvers<string>();
    await using site = startSite(async (exchange) => {
      head = JSON.stringify(exchange.fields);
      // The first bytes of the new protocol come with the response.
      await exchange.writeHead(101, [
        ["Connection", "upgrade"],
        ["Upgrade", "telnet/2"],
      ], bytesOf("login: "));
      assert.equal(textOf(await exchange.scanner.readExactly(5)), "guest");
      await exchange.write("welcome");
      await exchange.conn.closeWrite();
      rest.resolve(textOf(await exchange.scanner.readAll()));
      exchange.endConnection();
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site, way });

    const answer = await browser.exchange("GET", "/shell", {
      fields: [["Connection", "Upgrade"], ["Upgrade", "telnet/2"]],
    });
    const prompt = textOf(await browser.raw.readExactly(7));
    await browser.raw.send("guest");
    const greeting = await browser.raw.readAll();
    await browser.raw.send("logout");
    await browser.raw.closeWrite();

    assert.equal(answer.status, 101);
    assert.equal(answer.get("upgrade"), "telnet/2");
    assert.ok(head.includes('["Upgrade","telnet/2"]'), head);
    assert.equal(prompt, "login: ");
    assert.equal(greeting, "welcome");
    assert.equal(await within(rest.promise, "the last bytes"), "logout");
  });
}
