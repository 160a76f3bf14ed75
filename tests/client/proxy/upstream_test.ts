import assert from "node:assert/strict";
import {
  openUpstream,
  ownAddresses,
} from "../../../src/client/proxy/upstream.ts";

Deno.test("ownAddresses() begins with the one that reaches the server", () => {
  const all = ownAddresses();
  for (const each of all) {
    const [first, ...others] = ownAddresses(each);
    assert.equal(first, each);
    assert.deepEqual(
      others.toSorted(),
      all.filter((ip) => ip !== each).toSorted(),
    );
  }
});

Deno.test("ownAddresses() has no address of loopback, and none that is not here", () => {
  assert.deepEqual(ownAddresses("127.0.0.1"), ownAddresses());
  assert.deepEqual(ownAddresses("192.0.2.1"), ownAddresses());
});

Deno.test("myIpAddress() of a PAC follows the connection to the server", async () => {
  const ips = ownAddresses().filter((ip) => !ip.includes(":"));
  let towards: string | undefined;
  using upstream = await openUpstream(
    {
      pacText: "function FindProxyForURL() {" +
        ' return "PROXY " + myIpAddress() + ":1"; }',
    },
    () => Promise.resolve(undefined),
    () => towards,
  );
  const target = { hostname: "a.test", port: 80, secure: false };
  const chosen = async () =>
    (await upstream.choose?.(target, new AbortController().signal))?.map((
      each,
    ) => each === "direct" ? each : each.hostname);

  for (const ip of ips) {
    towards = ip;
    assert.deepEqual(await chosen(), [ip]);
  }
});
