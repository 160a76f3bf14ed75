import assert from "node:assert/strict";

import { textBody } from "../../src/http/bytes_body.ts";
import { type BodyEnd, tapBody } from "../../src/http/tapped_body.ts";
import { cutBody } from "../inspector/recorded.ts";
import { textOf } from "../plugin/exchanges.ts";

/** What a tap has seen. */
class Told {
  text = "";
  readonly ends: BodyEnd[] = [];

  onPiece(piece: Uint8Array): void {
    this.text += new TextDecoder().decode(piece);
  }

  onEnd(end: BodyEnd): void {
    this.ends.push(end);
  }
}

Deno.test("tapBody() passes content on as it is, and tells of it once", async () => {
  const told = new Told();
  const body = tapBody(textBody("some content"), told);

  const text = await textOf(body);
  body.cancel();

  assert.deepEqual([text, body.length], ["some content", 12]);
  assert.deepEqual([told.text, told.ends], ["some content", ["whole"]]);
});

Deno.test("tapBody() tells content that is cut short from content that nobody wants", async () => {
  const [cut, unwanted] = [new Told(), new Told()];

  await assert.rejects(textOf(tapBody(cutBody("a"), cut)), /cut/);
  tapBody(textBody("a"), unwanted).cancel();

  assert.deepEqual([cut.text, cut.ends], ["a", ["cut"]]);
  assert.deepEqual([unwanted.text, unwanted.ends], ["", ["unwanted"]]);
});

Deno.test("tapBody() passes on that nobody wants the rest, and why", () => {
  const reasons: unknown[] = [];
  const body = {
    ...textBody("a"),
    cancel: (reason: unknown) => void reasons.push(reason),
  };
  const why = new Error("enough");

  tapBody(body, new Told()).cancel(why);

  assert.deepEqual(reasons, [why]);
});
