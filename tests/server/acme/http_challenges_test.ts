/** A CA finds its proof, and nobody finds anything else. */
import assert from "node:assert/strict";
import { HttpChallenges } from "../../../src/server/acme/http_challenges.ts";

const PATH = "/.well-known/acme-challenge/";

async function shown(challenges: HttpChallenges, path: string) {
  const response = challenges.respond(path);
  assert.equal(
    response.headers.get("content-type"),
    "text/plain; charset=utf-8",
  );
  return [response.status, await response.text()] as const;
}

Deno.test("a proof is shown by its token until it is disposed", async () => {
  const challenges = new HttpChallenges();
  assert.equal(challenges.kind, "http-01");
  const first = await challenges.publish("a.test", "t1", "t1.proof");
  using _second = await challenges.publish("a.test", "t2", "t2.proof");
  assert.deepEqual(await shown(challenges, `${PATH}t1`), [200, "t1.proof"]);
  assert.deepEqual(await shown(challenges, `${PATH}t2`), [200, "t2.proof"]);

  first[Symbol.dispose]();
  assert.equal((await shown(challenges, `${PATH}t1`))[0], 404);
  assert.deepEqual(await shown(challenges, `${PATH}t2`), [200, "t2.proof"]);
});

for (
  const path of ["/", PATH, `${PATH}t`, `${PATH}t1/`, "/t1", `/x${PATH}t1`]
) {
  Deno.test(`${path} says what the port is for`, async () => {
    const challenges = new HttpChallenges();
    using _proof = await challenges.publish("a.test", "t1", "t1.proof");
    const [status, text] = await shown(challenges, path);
    assert.equal(status, 404);
    assert.equal(
      text,
      "Only a certificate authority finds something here: this port proves " +
        "that this name leads to this server. Use https:// instead.\n",
    );
  });
}
