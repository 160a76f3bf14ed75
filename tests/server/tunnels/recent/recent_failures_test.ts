import assert from "node:assert/strict";
import type {
  PlainRequest,
  PlainResponse,
} from "../../../../src/http/exchange.ts";
import { Fields } from "../../../../src/http/fields.ts";
import { ProxyError } from "../../../../src/proxy/errors/errors.ts";
import {
  MAX_FAILURES,
  RecentFailures,
} from "../../../../src/server/tunnels/recent/recent_failures.ts";

function request(authority: string): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority,
    path: "/secret?token=1",
    fields: new Fields(),
    body: undefined,
  };
}

function answer(status: number, ...flat: string[]): PlainResponse {
  const fields = new Fields(flat);
  return { kind: "response", status, fields, body: undefined };
}

Deno.test("RecentFailures keeps the last ones, the last one first, without paths", () => {
  let now = 1000;
  const failures = new RecentFailures(() => now);
  for (let count = 0; count < 100; count += 1) {
    now += 1;
    const error = new ProxyError("sessionLost", "lab");
    failures.note(request(`h${count}.test`), error);
  }

  const list = failures.list();

  assert.equal(list.length, MAX_FAILURES);
  assert.deepEqual(list[0], {
    at: 1100,
    method: "GET",
    host: "h99.test",
    status: 502,
    reason: "session_lost",
  });
  assert.equal(list.at(-1)?.host, "h80.test");
});

Deno.test("RecentFailures knows the failures of the client from errors of sites", () => {
  const failures = new RecentFailures(() => 0);
  const said = "X-Sallyport-Error";

  failures.noteResponse(request("site.test"), answer(502));
  failures.noteResponse(request("ok.test"), answer(200, said, "net_dial no"));
  failures.noteResponse(request("odd.test"), answer(502, said, "<b>\n"));
  failures.noteResponse(
    request("down.test:80"),
    answer(502, said, "net_dial Cannot connect"),
  );

  assert.deepEqual(
    failures.list().map(({ host, status, reason }) => [host, status, reason]),
    [["down.test:80", 502, "net_dial"]],
  );
});

Deno.test("RecentFailures keeps no more of a name than a name has", () => {
  const failures = new RecentFailures(() => 0);
  const error = new ProxyError("noSession", "lab");
  failures.note(
    { ...request("h".repeat(9999)), method: "M".repeat(99) },
    error,
  );

  const [{ host = "", method = "" } = {}] = failures.list();

  assert.deepEqual([host.length, method.length], [260, 32]);
});
