/**
 * Promise: a program that stands still is noticed, and works again when it goes
 * on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import type { TestProcess } from "../testing/process.ts";

/** A client logs it for each connection that it opens. */
const OPENED = "established connection to Sallyport server";

/** All connections of the client are there. */
const ALL = { active: "2/2" };

/** At level info an outage is one line; here is one for each session. */
const ARGS = ["--tunnel-ping-interval=500ms", "--log-level=debug"];

/** Both programs, and a site. */
async function start(stack: AsyncDisposableStack) {
  const origin = stack.use(await startOrigin());
  const server = stack.use(await startServerProgram({ args: ARGS }));
  const client = stack.use(await startClientProgram(server, { args: ARGS }));
  // A program that stands still does not end either.
  const proceed = ({ signal }: TestProcess) => {
    try {
      signal("SIGCONT");
    } catch {
      // It has ended.
    }
  };
  stack.defer(() => proceed(server.process));
  stack.defer(() => proceed(client.process));
  return { origin, server, client, proxy: proxyOf(server.proxyPort, origin) };
}

/** Gets a page of the site through the proxy. */
function proxyOf(port: number, origin: Origin) {
  return (path: string) =>
    get(`http://127.0.0.1:${origin.port}${path}`, {
      port,
      credentials: CREDENTIALS,
    });
}

Deno.test({
  ...SIGNALS,
  name:
    "a program that stands still is noticed, and used again when it goes on",
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { server, client, proxy } = await start(stack);

    client.process.signal("SIGSTOP");
    let page = await within(proxy("/"), "a response");
    while (page.status === 502) page = await within(proxy("/"), "a response");
    client.process.signal("SIGCONT");
    let lost = await client.process.event("connection lost");
    await client.process.event(OPENED, ALL, { after: lost });

    assert.equal(page.status, 503);
    assert.match(page.error ?? "", /^no_session .* reconnecting/);
    await server.process.event("session lost", { reason: /PING/ });
    assert.equal((await proxy("/")).status, 200);

    server.process.signal("SIGSTOP");
    lost = await client.process.event("connection lost", { reason: /PING/ }, {
      ...{ after: lost, count: 2 },
    });
    server.process.signal("SIGCONT");
    await client.process.event(OPENED, ALL, { after: lost });

    assert.equal((await proxy("/")).status, 200);
  },
});
