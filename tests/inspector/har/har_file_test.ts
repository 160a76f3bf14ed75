import assert from "node:assert/strict";
import { z } from "zod";
import { textBody } from "../../../src/http/bytes_body.ts";
import { Fields } from "../../../src/http/fields.ts";
import type { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import { harFile } from "../../../src/inspector/har/har_file.ts";
import { requestOf, responseOf, upgradeOf } from "../../plugin/exchanges.ts";
import { cutBody, Recorded } from "../recorded.ts";

const count = z.int().min(-1);
const time = z.number().min(-1);
const comment = z.exactOptional(z.string());
const named = z.strictObject({ name: z.string(), value: z.string() });

/** HAR 1.2, section by section; names with an underscore are free for extensions. */
const HAR = z.strictObject({
  log: z.strictObject({
    version: z.literal("1.2"),
    creator: z.strictObject({ name: z.string(), version: z.string() }),
    comment,
    entries: z.array(
      z.object({
        startedDateTime: z.iso.datetime({ offset: true }),
        time: z.number().min(0),
        request: z.strictObject({
          method: z.string(),
          url: z.url(),
          httpVersion: z.string(),
          cookies: z.array(named),
          headers: z.array(named),
          queryString: z.array(named),
          postData: z.exactOptional(z.strictObject({
            mimeType: z.string(),
            text: z.string(),
            comment,
          })),
          headersSize: count,
          bodySize: count,
        }),
        response: z.strictObject({
          status: z.int(),
          statusText: z.string(),
          httpVersion: z.string(),
          cookies: z.array(named),
          headers: z.array(named),
          content: z.strictObject({
            size: count,
            mimeType: z.string(),
            text: z.exactOptional(z.string()),
            comment,
          }),
          redirectURL: z.string(),
          headersSize: count,
          bodySize: count,
        }),
        cache: z.strictObject({}),
        timings: z.strictObject({ send: time, wait: time, receive: time }),
      }).catchall(z.unknown()).refine(
        (entry) =>
          Object.keys(entry).every((key) =>
            key.startsWith("_") || key in KNOWN_KEYS
          ),
        "only known keys, or those with an underscore",
      ),
    ),
  }),
});

const KNOWN_KEYS = {
  startedDateTime: 1,
  time: 1,
  request: 1,
  response: 1,
  cache: 1,
  timings: 1,
};

async function harOf(
  records: readonly ExchangeRecord[],
): Promise<z.infer<typeof HAR>> {
  const text = await new Response(harFile(records, "1.2.3")).text();
  assert.doesNotMatch(text, /s3cr3t/);
  return HAR.parse(JSON.parse(text));
}

Deno.test("every kind of exchange is a valid entry, oldest first, without secrets", async () => {
  const answers = [
    responseOf('{"token":"s3cr3t"}', {
      fields: ["Content-Type", "application/json", "Set-Cookie", "a=s3cr3t; b"],
    }),
    responseOf("PNG", { fields: ["Content-Type", "image/png"] }),
    responseOf(undefined, {
      status: 302,
      fields: ["Location", "http://b.test/#access_token=s3cr3t"],
    }),
    responseOf(cutBody("a")),
    responseOf(undefined, { status: 426 }),
  ];
  const recorded = new Recorded(() =>
    Promise.resolve(answers.shift() ?? responseOf(undefined))
  );
  await recorded.exchange(requestOf("http://a.test/?token=s3cr3t&b=1", {
    method: "POST",
    fields: [
      "Content-Type",
      "application/x-www-form-urlencoded",
      "Cookie",
      "sid=s3cr3t; x=s3cr3t",
    ],
    body: textBody("password=s3cr3t"),
  }));
  await recorded.exchange(requestOf("http://a.test/image"));
  await recorded.exchange(requestOf("http://a.test/moved"));
  await assert.rejects(recorded.exchange(requestOf("http://a.test/cut")));
  await recorded.exchange(upgradeOf("http://a.test/socket"));
  await recorded.exchange({
    kind: "connect",
    method: "CONNECT",
    authority: "a.test:443",
    fields: new Fields(),
  });

  const { log } = await harOf(recorded.store.all);

  const [first, second, third, fourth] = log.entries;
  assert.equal(log.entries.length, 5);
  assert.deepEqual(first?.request.cookies.map(({ name }) => name), [
    "sid",
    "x",
  ]);
  assert.deepEqual(first?.request.queryString, [
    { name: "token", value: "xxxxx" },
    { name: "b", value: "1" },
  ]);
  assert.equal(first?.response.content.text, '{"token":"xxxxx"}');
  assert.equal(first?.response.cookies[0]?.name, "a");
  assert.equal(second?.response.content.text, undefined);
  assert.equal(second?.response.content.size, 3);
  assert.equal(third?.response.statusText, "Found");
  assert.match(third?.response.redirectURL ?? "", /#access_token=xxxxx$/);
  assert.equal(fourth?._end, "cut");
});

Deno.test("a refused CONNECT is an entry that says why, and no other CONNECT is an entry", async () => {
  const answers = [
    responseOf(undefined, {
      status: 502,
      fields: ["X-Sallyport-Error", "a b"],
    }),
    responseOf(undefined),
  ];
  const recorded = new Recorded(() =>
    Promise.resolve(answers.shift() ?? responseOf(undefined))
  );
  for (const authority of ["down.test:443", "up.test:443"]) {
    await recorded.exchange({
      ...{ kind: "connect", method: "CONNECT", authority },
      fields: new Fields(),
    });
  }

  const { log } = await harOf(recorded.store.all);

  assert.deepEqual(
    log.entries.map(({ request: { method, url } }) => [method, url]),
    [["CONNECT", "https://down.test:443/"]],
  );
  assert.deepEqual(log.entries[0]?.response.headers, [
    { name: "X-Sallyport-Error", value: "a b" },
  ]);
});

Deno.test("an exchange that waits for its response is an entry with status 0", async () => {
  const answer = Promise.withResolvers<never>();
  const recorded = new Recorded(() => answer.promise);
  const pending = recorded.ask(requestOf("http://a.test/"));

  const { log } = await harOf(recorded.store.all);
  answer.reject(new Error("late"));
  await assert.rejects(pending);

  assert.equal(log.entries[0]?.response.status, 0);
});

Deno.test("a file without exchanges is a valid one", async () => {
  assert.deepEqual((await harOf([])).log.entries, []);
});
