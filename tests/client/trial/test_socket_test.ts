import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { testPlugin } from "../../../src/client/trial/test_plugin.ts";
import type { TestSocketEnd } from "../../../src/client/trial/test_socket.ts";
import type { Plugin } from "../../../src/plugin/api/plugin.ts";
import { within } from "../../testing/deadline.ts";

const EDIT: Plugin = {
  match: { host: "chat.test" },
  message(message) {
    if (message.data === "drop") return "drop";
    if (message.data === "who?") message.send(message.from, message.from);
    else if (typeof message.data === "string") message.data += "!";
    else message.data[0] = 9;
  },
};

function next(end: TestSocketEnd | undefined) {
  return within(
    end?.next() ?? Promise.reject(new Error("no end")),
    "a message",
  );
}

Deno.test("testPlugin() has WebSockets, whose messages the plugin changes in both directions", async () => {
  await using test = await testPlugin(EDIT);
  await using socket = await test.webSocket("wss://chat.test/room?a=b");
  const { browser, site } = socket;

  for (const data of ["drop", "hello", Uint8Array.of(1, 2)]) {
    await browser.send(data);
  }
  await site?.send("welcome");
  await site?.send("who?");

  equal(await next(site), "hello!");
  deepEqual(await next(site), Uint8Array.of(9, 2));
  equal(await next(browser), "welcome!");
  equal(await next(site), "site");
});

Deno.test("a WebSocket of testPlugin() is closed by either end, with code and reason", async () => {
  for (const plugin of [EDIT, {}]) {
    await using test = await testPlugin(plugin);
    await using one = await test.webSocket("ws://chat.test/");
    await using two = await test.webSocket("ws://chat.test/");

    await one.browser.send("last");
    await one.browser.close(4001, "bye");
    await two.site?.close();

    const bye = { code: 4001, reason: "bye" };
    deepEqual(await one.site?.closed, bye);
    deepEqual(await one.browser.closed, bye);
    deepEqual(await two.browser.closed, { code: 1000, reason: "" });
    match(`${await next(one.site)}`, /^last/);
    equal(await next(one.site), undefined);
    equal(await next(one.browser), undefined);
  }
});

Deno.test("a WebSocket of testPlugin() keeps messages in order until they are read, a thousand at most", async () => {
  await using test = await testPlugin(EDIT);
  await using socket = await test.webSocket("ws://chat.test/");
  const numbers = Array.from({ length: 3_000 }, (_, at) => `${at}`);
  let sent = 0;
  const sending = (async () => {
    for (const text of numbers) {
      await socket.browser.send(text);
      sent += 1;
    }
  })();

  equal(await next(socket.site), "0!");
  const early = sent;
  for (const text of numbers.slice(1)) {
    equal(await next(socket.site), `${text}!`);
  }
  await sending;

  ok(early < 2_000, `${early} were sent`);
});

Deno.test("a WebSocket of testPlugin() that is disposed is cut at both ends", async () => {
  await using test = await testPlugin({});
  const socket = await test.webSocket("ws://chat.test/");

  await socket[Symbol.asyncDispose]();

  equal((await socket.browser.closed).code, 1006);
  equal((await socket.site?.closed)?.code, 1006);
});

Deno.test("testPlugin(): a mock of a WebSocket has no site, and may speak first", async () => {
  await using test = await testPlugin({
    request: ({ upgrade }) =>
      upgrade === "websocket" ? new Response("welcome") : undefined,
    message(message) {
      if (message.from === "site") return;
      message.send("browser", `echo ${message.data}`);
    },
  });
  await using socket = await test.webSocket("ws://mock.test/");

  await socket.browser.send("a");

  equal(socket.site, undefined);
  equal(await next(socket.browser), "welcome");
  equal(await next(socket.browser), "echo a");
});

Deno.test("testPlugin(): a handshake has fields and subprotocols, and the job of the test", async () => {
  const seen: unknown[] = [];
  await using test = await testPlugin({
    request({ url, headers, upgrade }, { job }) {
      const names = ["x-a", "sec-websocket-protocol"];
      const fields = names.map((name) => headers.get(name));
      seen.push(url.href, upgrade, job, ...fields);
    },
    message() {},
  }, { job: "t1" });
  await using _socket = await test.webSocket("ws://a.test/b", {
    headers: { "X-A": "1" },
    protocols: ["chat", "echo"],
  });

  deepEqual(seen, ["http://a.test/b", "websocket", "t1", "1", "chat, echo"]);
});

Deno.test("testPlugin() says why a WebSocket was not opened", async () => {
  await using test = await testPlugin({
    request: () => new Response("no", { status: 403 }),
  });
  await using failing = await testPlugin({
    request() {
      throw new Error("oh");
    },
  });

  await rejects(
    test.webSocket("ws://a.test/"),
    /was not opened: .* status 403$/,
  );
  await rejects(test.webSocket("http://a.test/"), /expected ws:\/\/ or wss:/);
  await rejects(failing.webSocket("ws://a.test/"), { code: "threw" });
});

Deno.test("a hook that throws closes a WebSocket of testPlugin() with 1011", async () => {
  await using test = await testPlugin({
    message() {
      throw new Error("oh");
    },
  });
  await using socket = await test.webSocket("ws://a.test/");

  await socket.browser.send("a");

  equal((await within(socket.browser.closed, "the end")).code, 1011);
});
