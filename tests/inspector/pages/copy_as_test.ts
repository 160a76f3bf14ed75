/** @module */
import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import { copiesOf, lacksBody } from "../../../src/inspector/pages/copy_as.ts";
import {
  requestOf,
  responseOf,
  textOf,
  upgradeOf,
} from "../../plugin/exchanges.ts";
import { needs } from "../../testing/needs.ts";
import { startOrigin } from "../../testing/origin.ts";
import { run } from "../../testing/process.ts";
import { Recorded } from "../recorded.ts";

const BODY = `{"it's":"<b> $HOME \`x\`\\n"}`;

async function recordOf(url: string, bodyLimit = 1000) {
  const recorded = new Recorded(async (request) => {
    await textOf(request.kind === "request" ? request.body : undefined);
    return responseOf(undefined);
  }, { bodyLimit });
  return await recorded.exchange(requestOf(url, {
    method: "POST",
    fields: [
      ...["Host", "a.test", "Content-Length", String(BODY.length)],
      ...["Content-Type", "application/json", "X-Empty", ""],
      ...["Via", "1.1 sallyport-1", "Accept-Encoding", "br"],
      ...["Authorization", "Bearer s3cr3t", "X-It", "it's; $(id)"],
    ],
    body: textBody(BODY),
  }));
}

Deno.test("each tool gets method, URL, fields and content, without secrets and lengths", async () => {
  const record = await recordOf("http://a.test/x?token=s3cr3t&a=1");

  for (const { tool, code } of copiesOf(record)) {
    assert.match(code, /http:\/\/a\.test\/x\?token=xxxxx&a=1/, tool);
    assert.match(code, /POST/, tool);
    assert.doesNotMatch(
      code,
      /s3cr3t|content-length|\bhost\b|via|encoding/i,
      tool,
    );
  }
  assert.equal(lacksBody(record), false);
});

Deno.test("the code for programs is valid, whatever the request has", async () => {
  const record = await recordOf("http://a.test/x");
  const calls: unknown[][] = [];
  const fetch = (...call: unknown[]) => calls.push(call);
  for (const { tool, code } of copiesOf(record)) {
    if (tool === "curl") continue;
    const body = code.replace("const response = await ", "");
    new Function("fetch", "page", body)(fetch, { request: { fetch } });
  }

  const [asFetch, asPlaywright] = calls as [string, Record<string, unknown>][];
  assert.equal(asFetch?.[1]["body"], BODY);
  assert.equal(asPlaywright?.[1]["data"], BODY);
  const fields = asPlaywright?.[1]["headers"] as Record<string, string>;
  assert.equal(fields["x-it"], "it's; $(id)");
});

Deno.test({
  ...needs("curl", "bash"),
  name: "the command for curl sends the request in a shell as it was",
  async fn() {
    await using origin = await startOrigin();
    const record = await recordOf(`${origin.url}/echo?a='b'&c=$(id)`);
    const [{ code = "" } = {}] = copiesOf(record);

    const { stdout, stderr } = await run("bash", ["-c", `${code} --silent`]);

    assert.ok(stdout.includes(BODY), stdout + stderr);
    const [head = ""] = origin.heads;
    assert.match(head, /^POST \/echo\?a=%27b%27&c=\$\(id\) /);
    assert.match(head, /^X-It: it's; \$\(id\)\r$/m);
    assert.match(head, /^X-Empty: *\r$/m);
  },
});

Deno.test("what cannot be copied is missing, and said", async () => {
  const cut = await recordOf("http://a.test/x", 5);
  assert.equal(lacksBody(cut), true);
  for (const { code } of copiesOf(cut)) assert.doesNotMatch(code, /it's":/);

  const recorded = new Recorded(() => Promise.resolve(responseOf(undefined)));
  await recorded.ask(upgradeOf("ws://a.test/"));
  assert.deepEqual(copiesOf(recorded.newest), []);
});
