import assert from "node:assert/strict";
import { readAnswer } from "../../../src/plugin/running/read_answer.ts";

const never = (): boolean => false;

Deno.test("nothing changes nothing, and all but a Response is refused", () => {
  assert.equal(readAnswer(undefined, never), undefined);
  assert.equal(readAnswer(null, never), undefined);
  for (const returned of [7, {}, "x", []]) {
    assert.throws(
      () => readAnswer(returned, never),
      /^TypeError: it returned .*, change the message in place, or return a Response$/,
    );
  }
});

Deno.test("a Response of a plugin keeps its coding; one of fetch has been decoded", () => {
  const headers = { "Content-Encoding": "gzip", "X-A": "1", Connection: "x" };
  const own = new Response(null, { headers });
  const fetched = new Response(null, { headers });
  Object.defineProperty(fetched, "url", { value: "http://a.test/" });

  assert.deepEqual(readAnswer(own, never)?.headers, [
    "content-encoding",
    "gzip",
    "x-a",
    "1",
  ]);
  assert.deepEqual(readAnswer(fetched, never)?.headers, ["x-a", "1"]);
});

Deno.test("a Response with an interim status, or whose body is used, is refused", async () => {
  const used = new Response("x");
  await used.text();
  const locked = new Response("x");
  locked.body?.getReader();
  const interim = new Response(null);
  Object.defineProperty(interim, "status", { value: 199 });

  for (const response of [used, locked]) {
    assert.throws(
      () => readAnswer(response, never),
      /a Response whose body is used, return a new one$/,
    );
  }
  assert.throws(
    () => readAnswer(interim, never),
    /a Response with status 199, return 200 to 599$/,
  );
});
