import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import {
  describeEdit,
  EditRecorder,
  type PluginEdit,
  sizeOfEdit,
} from "../../../src/inspector/record/plugin_edits.ts";
import { requestOf, responseOf } from "../../plugin/exchanges.ts";

/** What is shown of the edits that `act` reports. */
function linesOf(act: (recorder: EditRecorder) => void): readonly string[] {
  const edits: PluginEdit[] = [];
  act(new EditRecorder((edit) => edits.push(edit)));
  return edits.flatMap((edit) =>
    describeEdit(edit).map((line) => `${edit.plugin}.${edit.hook}: ${line}`)
  );
}

const BEFORE = requestOf("http://a.test/x?token=s3cr3t", {
  fields: ["Accept", "*/*", "Cookie", "s3cr3t", "X-A", "1", "x-a", "2"],
});

Deno.test("fields that were added, removed and changed are named, secrets hidden", () => {
  const after = requestOf("http://a.test/x?token=s3cr3t", {
    fields: ["accept", "*/*", "Cookie", "0ther", "X-A", "1", "X-B", "3"],
  });

  assert.deepEqual(
    linesOf((edits) => edits.requestEdited("p", BEFORE, after)),
    [
      "p.request: Cookie: xxxxx → xxxxx",
      "p.request: X-A: 1, 2 → 1",
      "p.request: + X-B: 3",
    ],
  );
  assert.deepEqual(
    linesOf((edits) => edits.requestEdited("p", after, BEFORE)),
    [
      "p.request: Cookie: xxxxx → xxxxx",
      "p.request: X-A: 1 → 1, 2",
      "p.request: − X-B: 3",
    ],
  );
});

Deno.test("method, URL, status and content are named", () => {
  const after = requestOf("https://b.test/x?token=s3cr3t", {
    method: "POST",
    fields: BEFORE.fields.flat,
    body: textBody("new"),
  });
  const response = responseOf("a");

  const lines = linesOf((edits) => {
    edits.requestEdited("p", BEFORE, after);
    edits.requestEdited("q", BEFORE, responseOf("mock", { status: 418 }));
    edits.responseEdited("q", response, responseOf("b", { status: 201 }));
    edits.responseEdited("q", response, { ...response });
  });

  assert.deepEqual(lines, [
    "p.request: method GET → POST",
    "p.request: URL http://a.test/x?token=xxxxx → " +
    "https://b.test/x?token=xxxxx",
    "p.request: body changed",
    "q.request: responded by itself with 418",
    "q.response: status 200 → 201",
    "q.response: body changed",
  ]);
});

Deno.test("where a connection goes instead, and what was stopped, is named", () => {
  const lines = linesOf((edits) => {
    edits.redirected("p", "connect", "a.test:80", "a.test:80");
    edits.redirected("p", "connect", "a.test:80", "b.test:81");
    edits.stopped("q", "resolve", "not here");
  });

  assert.deepEqual(lines, [
    "p.connect: a.test:80 → b.test:81",
    "q.resolve: stopped here: not here",
  ]);
});

Deno.test("the memory of an edit grows with its text", () => {
  const edit = (plugin: string, reason: string): PluginEdit => ({
    ...{ plugin, hook: "request" },
    changes: [{ kind: "stopped", reason }, { kind: "body" }],
  });

  const size = sizeOfEdit(edit("p", ""));

  assert.ok(size >= 40, `${size}`);
  assert.equal(sizeOfEdit(edit("p", "1234")), size + 4);
  assert.equal(sizeOfEdit(edit("p1234", "")), size + 4);
});

Deno.test("a hook that changes nothing has no edit", () => {
  const recorder = new EditRecorder(() => assert.fail("Nothing has changed"));
  const response = responseOf("a");

  recorder.requestEdited("p", BEFORE, BEFORE);
  recorder.responseEdited("p", response, { ...response });
  recorder.redirected("p", "connect", "a.test:80", "a.test:80");
});
