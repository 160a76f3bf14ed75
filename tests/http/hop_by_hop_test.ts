import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { isHopByHop, withoutHopByHop } from "../../src/http/hop_by_hop.ts";

Deno.test("withoutHopByHop() removes the fields of the connection and those it lists", () => {
  const fields = new Fields([
    ...["Host", "a", "Connection", "close, X-A ,, x-b", "connection", "X-C"],
    ...["X-A", "1", "x-B", "2", "X-c", "3", "X-D", "4", "Keep-Alive", "5"],
    ...["Proxy-Connection", "6", "TE", "7", "trailer", "8"],
    ...["Transfer-Encoding", "9", "Upgrade", "10", "Cookie", "11"],
  ]);

  assert.deepEqual(withoutHopByHop(fields).flat, [
    ...["Host", "a", "X-D", "4", "Cookie", "11"],
  ]);
});

Deno.test("withoutHopByHop() leaves credentials to who checks them, and framing and routing alone", () => {
  const flat = [
    ...["Host", "a", "Content-Length", "3", "Proxy-Authorization", "b"],
    ...["Proxy-Authenticate", "c"],
  ];
  const fields = new Fields([
    ...flat,
    ...["Connection", "Host, Content-Length, Proxy-Authorization"],
  ]);

  assert.deepEqual(withoutHopByHop(fields).flat, flat);
});

Deno.test("withoutHopByHop() does not change the fields it is given", () => {
  const fields = new Fields(["Connection", "a", "A", "b"]);

  withoutHopByHop(fields);

  assert.equal(fields.size, 2);
});

Deno.test("isHopByHop() knows names of any case, and no others of their length", () => {
  for (const name of ["te", "Upgrade", "TRAILER", "connection", "Keep-Alive"]) {
    assert.equal(isHopByHop(name), true, name);
  }
  for (const name of ["tx", "Expires", "User-Agent", "X-Forwarded-Host"]) {
    assert.equal(isHopByHop(name), false, name);
  }
});
