/**
 * Promise: an address has ten guesses in a minute with a user name, at all doors
 * together, whatever its requests say of where they come from.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPage } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import { startClientProgram, startServerProgram } from "../system/programs.ts";
import { RawClient } from "../testing/raw_client.ts";
import { ADDRESSES, Peer, socksLogin } from "./peer.ts";

const GUESSES = 40;

/** What a request may say of where it comes from. */
function saidToBeFrom(at: number): Readonly<Record<string, string>> {
  const address = `198.51.100.${at}`;
  return {
    "X-Forwarded-For": address,
    "X-Real-IP": address,
    "Forwarded": `for=${address}`,
    "CF-Connecting-IP": address,
  };
}

Deno.test({
  ...ADDRESSES,
  name: "REST API, page, proxy and SOCKS count guesses together",
  async fn() {
    await using server = await startServerProgram();
    using peer = await Peer.at(server);
    using colleague = await Peer.at(server, "127.0.3.1");
    const wrong = (at: number) => ({ name: USER.name, key: `wrong-${at}` });
    const doors: ((at: number) => Promise<number>)[] = [
      async (at) =>
        (await peer.rest(wrong(at), "tunnels", { fields: saidToBeFrom(at) }))
          .status,
      (at) => peer.signIn(wrong(at), { fields: saidToBeFrom(at) }),
      (at) => peer.proxy(wrong(at), { fields: saidToBeFrom(at) }),
      (at) => socksLogin(server, wrong(at)),
    ];
    const before = await colleague.counts("sallyport_key_hashes_total");

    const answers: (number | undefined)[] = [];
    for (let at = 0; at < GUESSES; at += 1) {
      answers.push(await doors[at % doors.length]?.(at));
    }

    const compared = await colleague.counts("sallyport_key_hashes_total") -
      before;
    assert.equal(compared, 10);
    const [rest, page, proxy, socks] = answers.slice(-4);
    assert.deepEqual([rest, page, proxy, socks], [429, 429, 429, 1]);
    assert.equal((await peer.rest(USER)).status, 429, "the right one too");
    assert.equal((await colleague.rest(USER)).status, 200);
  },
});

Deno.test("the proxy port takes nobody's word for an address by the PROXY protocol", async () => {
  await using server = await startServerProgram();
  const asked = `GET http://nowhere.invalid/ HTTP/1.1\r\nHost: x\r\n\r\n`;

  for (
    const first of [
      "PROXY TCP4 198.51.100.7 127.0.0.1 40000 8080\r\n",
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\x7f\0\0\x01\x9c\x40\x1f\x90",
    ]
  ) {
    using raw = await RawClient.connect({ port: server.proxyPort });
    await raw.send(first + asked);
    assert.equal((await readPage(raw)).status, 400);
  }
});

Deno.test("the status API of a client takes ten guesses, and no more for other addresses in a field", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, {
    args: ["--api-basic-auth=probe:s3cr3t", "--inspector"],
  });
  const ask = async (key: string, path: string, at = 0) => {
    const answer = await fetch(client.apiUrl + path, {
      headers: {
        Authorization: `Basic ${btoa(`probe:${key}`)}`,
        ...saidToBeFrom(at),
      },
    });
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await ask("s3cr3t", "info"), 200);

  const paths = ["info", "metrics", "inspector", "configz"];
  const answers = await Promise.all(
    Array.from(
      { length: GUESSES },
      (_, at) => ask(`wrong-${at}`, paths[at % paths.length] ?? "", at),
    ),
  );

  assert.equal(answers.filter((status) => status === 401).length, 10);
  assert.equal(answers.filter((status) => status === 429).length, 30);
  for (const path of paths) assert.equal(await ask("s3cr3t", path), 429);
});
