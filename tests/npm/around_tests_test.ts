import assert from "node:assert/strict";
import { failuresIn, proxyAround } from "../../src/npm/around_tests.ts";

function har(...entries: readonly (readonly [string, string | undefined])[]) {
  return JSON.stringify({
    log: {
      entries: entries.map(([url, error]) => ({
        request: { method: "GET", url },
        response: {
          headers: error === undefined
            ? []
            : [{ name: "x-sallyport-error", value: error }],
        },
      })),
    },
  });
}

Deno.test("failuresIn() has each failure once, without the word for programs", () => {
  const down = ["http://a.test/", "net_dial Cannot connect"] as const;

  assert.deepEqual(failuresIn(har(down, ["http://b.test/", undefined], down)), [
    { request: "GET http://a.test/", sentence: "Cannot connect" },
  ]);
  assert.deepEqual(failuresIn(undefined), []);
});

Deno.test("proxyAround() reads the proxy of the environment, and says what to do without one", () => {
  Deno.env.set("SALLYPORT_PROXY", "https://ann%2Blab:k%3Ay@lab.test:8443/");
  const proxy = proxyAround();
  Deno.env.delete("SALLYPORT_PROXY");

  assert.deepEqual(proxy, {
    server: "https://lab.test:8443",
    username: "ann+lab",
    password: "k:y",
  });
  assert.throws(proxyAround, /start it in the setup of the tests, or run them/);
});
