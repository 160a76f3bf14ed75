import assert from "node:assert/strict";
import { Hono } from "hono";
import { html } from "hono/html";
import { problemResponse } from "../../../src/api/serving/problem.ts";
import type { ApiEnv } from "../../../src/api/serving/serve.ts";
import { ChangeEmitter } from "../../../src/async/change_feed.ts";
import { COALESCE_DELAY } from "../../../src/web/live/live_fragment.ts";
import { liveStreams } from "../../../src/web/live/live_streams.ts";
import { ManualClock } from "../../server/manual_clock.ts";

/** An application with one live page. The query names its viewer. */
function livePage(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.onError(problemResponse);
  const stream = liveStreams({
    changes: new ChangeEmitter<unknown>(),
    clock: new ManualClock(),
  });
  app.get("/", (context) => {
    const viewer = context.req.query("viewer");
    const organization = context.req.query("organization") ?? "";
    const options = viewer === undefined ? {} : { viewer, organization };
    return stream(context, () => html`<p></p>`, options);
  });
  return app;
}

Deno.test("one viewer has at most fifty live pages, and others have theirs", async () => {
  const app = livePage();
  const open = async (viewer: string) =>
    await app.request(`/?viewer=${viewer}`);

  const first = await open("eve");
  const more = await Promise.all(Array.from({ length: 50 }, () => open("eve")));
  const ann = await open("ann");

  assert.deepEqual(
    more.map(({ status }) => status),
    [...Array.from({ length: 49 }, () => 200), 503],
  );
  assert.equal(ann.status, 200);

  await first.body?.cancel();
  const again = await open("eve");

  assert.equal(again.status, 200);
  for (const { body } of [...more, ann, again]) await body?.cancel();
});

Deno.test("two hundred pages are live at the same time", async () => {
  const app = livePage();
  const all = await Promise.all(
    Array.from({ length: 201 }, () => app.request("/")),
  );

  assert.equal(all.filter(({ status }) => status === 200).length, 200);
  for (const { body } of all) await body?.cancel();
});

Deno.test("an organization whose viewers take all places makes room for another", async () => {
  const app = livePage();
  const open = async (organization: string, viewer: string) =>
    await app.request(`/?organization=${organization}&viewer=${viewer}`);
  const taken = await Promise.all(
    Array.from({ length: 200 }, (_, at) => open("acme", `eve-${at % 4}`)),
  );

  const others = await Promise.all(
    Array.from({ length: 51 }, () => open("umbrella", "joe")),
  );
  const colleague = await open("acme", "bob");
  const [first] = taken;
  const reader = first?.body?.getReader();
  await reader?.read();

  assert.deepEqual(
    others.map(({ status }) => status),
    [...Array.from({ length: 50 }, () => 200), 503],
  );
  assert.equal(colleague.status, 200);
  assert.equal((await reader?.read())?.done, true);
  reader?.releaseLock();
  for (const { body } of [...taken, ...others, colleague]) await body?.cancel();
});

Deno.test("pages with news are rendered one by one, and other work is done in between", async () => {
  const changes = new ChangeEmitter<string>();
  const clock = new ManualClock();
  const stream = liveStreams({ changes, clock });
  let text = "old";
  const done: string[] = [];
  const app = new Hono<ApiEnv>();
  app.get("/", (context) =>
    stream(context, () => {
      // Longer than other work may wait.
      if (text === "new") clock.advance(20);
      done.push("page");
      return html`<p>${text}</p>`;
    }));
  const pages = [];
  for (let count = 0; count < 5; count++) {
    const { body } = await app.request("/");
    assert.ok(body !== null);
    const reader = body.getReader();
    await reader.read();
    pages.push(reader);
  }
  done.length = 0;

  text = "new";
  changes.publish("news");
  clock.advance(COALESCE_DELAY);
  assert.deepEqual(done, ["page"], "all work at once");
  for (let turn = 0; turn < 4; turn++) {
    done.push("other work");
    // Four times as long as a page takes.
    clock.advance(80);
  }

  assert.deepEqual(done, [
    "page",
    ...Array.from({ length: 4 }, () => ["other work", "page"]).flat(),
  ]);
  for (const page of pages) {
    assert.match(new TextDecoder().decode((await page.read()).value), /new/);
    await page.cancel();
  }
});

Deno.test("a page that makes room is counted", async () => {
  let evicted = 0;
  const stream = liveStreams({
    changes: new ChangeEmitter<unknown>(),
    clock: new ManualClock(),
    onEvict: () => evicted++,
  });
  const app = new Hono<ApiEnv>();
  app.get("/:organization/:viewer", (context) => {
    const { organization, viewer } = context.req.param();
    return stream(context, () => html`<p></p>`, { organization, viewer });
  });
  const open = async (organization: string, viewer: string) =>
    await app.request(`/${organization}/${viewer}`);
  const taken = await Promise.all(
    Array.from({ length: 200 }, (_, at) => open("acme", `eve-${at % 4}`)),
  );
  assert.equal(evicted, 0);

  const other = await open("umbrella", "joe");

  assert.equal(evicted, 1);
  for (const { body } of [...taken, other]) await body?.cancel();
});

Deno.test("what a page watches can end it, and is let go with it", async () => {
  const stream = liveStreams({
    changes: new ChangeEmitter<unknown>(),
    clock: new ManualClock(),
  });
  const ends: (() => void)[] = [];
  let disposed = 0;
  const app = new Hono<ApiEnv>();
  app.get("/", (context) =>
    stream(context, () => html`<p></p>`, {
      watch(end) {
        ends.push(end);
        return { [Symbol.dispose]: () => void disposed++ };
      },
    }));
  const { body } = await app.request("/");
  const reader = body?.getReader();
  await reader?.read();
  assert.equal(ends.length, 1);
  assert.equal(disposed, 0);

  ends[0]?.();

  assert.equal((await reader?.read())?.done, true);
  assert.equal(disposed, 1);
});
