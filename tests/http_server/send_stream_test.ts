/** An exchange on a stream that we open: when content goes, and what comes back. */
import assert from "node:assert/strict";
import { textBody } from "../../src/http/bytes_body.ts";
import type {
  Body,
  PlainRequest,
  ProxyRequest,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import type { Http2ServerStream } from "../../src/http2/api.ts";
import {
  sendOnStream,
  type SendStreamOptions,
} from "../../src/http_server/send_stream.ts";
import { encodeFields, readFields } from "../../src/tunnel/wire_fields.ts";
import { readBody } from "../http1/served.ts";
import { connectTo, post, readAll, startPair } from "../http2/pairs.ts";
import { within } from "../testing/deadline.ts";

const NO_BODY = { endStream: true } as const;

const codec: SendStreamOptions["codec"] = {
  decodeResponse(list, request) {
    const { meta, fields } = readFields(list);
    const status = Number(meta.get(":status"));
    const switched = request.kind === "connect" && status === 200;
    return { status, fields, switched };
  },
  encodeFields,
  decodeFields: (list) => readFields(list).fields,
};

function request(
  body: Body | undefined,
  fields: string[] = [],
): PlainRequest {
  return {
    kind: "request",
    ...{ method: "POST", scheme: "http", authority: "a.test", path: "/" },
    ...{ fields: new Fields(fields), body },
  };
}

const CONNECT: ProxyRequest = {
  ...{ kind: "connect", method: "CONNECT", authority: "a.test:443" },
  fields: new Fields(),
};

/** One exchange with a server that does this. */
async function exchange(
  asked: ProxyRequest,
  serve: (stream: Http2ServerStream) => Promise<void>,
  { look, ...options }:
    & Partial<SendStreamOptions>
    & {
      readonly look?: (response: ProxyResponse) => Promise<void>;
    } = {},
) {
  const informed: string[] = [];
  let sent = 0;
  await using pair = await startPair(serve);
  const content = asked.kind === "request" && asked.body !== undefined;
  const stream = await pair.client.request(
    asked.kind === "connect" ? connectTo() : post(),
    { endStream: asked.kind === "request" && !content },
  );
  const response = await within(
    sendOnStream(stream, asked, {
      codec,
      inform: (status) => informed.push(`${status}`),
      onSent: () => sent++,
      ...options,
    }),
    "the response",
  );
  await look?.(response);
  return { response, informed: informed.join(), sent: () => sent };
}

Deno.test("content goes to the peer, and its response comes back", async () => {
  let got = "";
  const { sent } = await exchange(request(textBody("sent")), async (stream) => {
    got = new TextDecoder().decode(await readAll(stream));
    await stream.respond([":status", "201", "content-length", "4", "x-a", "1"]);
    await stream.write(new TextEncoder().encode("back"));
    await stream.closeWrite();
  }, {
    async look(response) {
      assert.ok(response.kind === "response" && response.body !== undefined);
      assert.equal(response.status, 201);
      assert.equal(response.fields.get("x-a"), "1");
      assert.equal(response.body.length, 4);
      assert.equal(await readBody(response.body), "back");
    },
  });
  assert.equal(got, "sent");
  assert.equal(sent(), 1);
});

Deno.test("a request without content is sent at once", async () => {
  const { response, sent } = await exchange(
    request(undefined),
    (stream) => stream.respond([":status", "204"], NO_BODY),
  );
  assert.ok(response.kind === "response");
  assert.equal(response.status, 204);
  assert.equal(response.body, undefined);
  assert.equal(sent(), 1);
});

Deno.test("a length that the peer does not say is not known", async () => {
  await exchange(request(undefined), async (stream) => {
    await stream.respond([":status", "200"]);
    await stream.closeWrite();
  }, {
    async look(response) {
      assert.ok(response.kind === "response" && response.body !== undefined);
      assert.equal(response.body.length, undefined);
      assert.equal(await readBody(response.body), "");
    },
  });
});

Deno.test("a tunnel is a stream of bytes in both directions", async () => {
  await exchange(CONNECT, async (stream) => {
    await stream.respond([":status", "200"]);
    const into = new Uint8Array(100);
    const count = await stream.read(into) ?? 0;
    await stream.write(into.subarray(0, count));
    await stream.closeWrite();
  }, {
    async look(response) {
      assert.ok(response.kind === "stream");
      await response.stream.write(new TextEncoder().encode("hello"));
      await response.stream.closeWrite();
      const back = await readAll(response.stream);
      assert.equal(new TextDecoder().decode(back), "hello");
    },
  });
});

Deno.test("interim responses are passed on in their order", async () => {
  const { informed } = await exchange(request(undefined), async (stream) => {
    await stream.inform([":status", "102"]);
    await stream.inform([":status", "103", "link", "</a>"]);
    await stream.respond([":status", "204"], NO_BODY);
  });
  assert.equal(informed, "102,103");
});

const EXPECT = ["Expect", "100-continue"];

/** Content that says when somebody reads it. */
function watched(text: string) {
  const body = textBody(text);
  const read = body.read.bind(body);
  let reads = 0;
  body.read = (into) => {
    reads++;
    return read(into);
  };
  return { body, reads: () => reads };
}

Deno.test("content that waits for a 100 goes when it comes", async () => {
  const { body, reads } = watched("sent");
  let before = -1;
  let got = "";
  const { informed } = await exchange(request(body, EXPECT), async (stream) => {
    before = reads();
    await stream.inform([":status", "100"]);
    got = new TextDecoder().decode(await readAll(stream));
    await stream.respond([":status", "204"], NO_BODY);
  });
  assert.equal(before, 0);
  assert.equal(got, "sent");
  assert.equal(informed, "100");
});

Deno.test("another interim response is not the 100 that content waits for", async () => {
  const { body, reads } = watched("sent");
  const { sent } = await exchange(request(body, EXPECT), async (stream) => {
    await stream.inform([":status", "103"]);
    await stream.respond([":status", "403"], NO_BODY);
    stream.close();
  });
  assert.equal(reads(), 0);
  assert.equal(sent(), 0);
});

Deno.test("content goes without a 100 when it has waited long enough", async () => {
  const { body } = watched("sent");
  let got = "";
  await exchange(request(body, EXPECT), async (stream) => {
    got = new TextDecoder().decode(await readAll(stream));
    await stream.respond([":status", "204"], NO_BODY);
  }, { continueTimeout: 10 });
  assert.equal(got, "sent");
});

Deno.test("content that fails resets the stream, and is the reason", async () => {
  const failure = new Error("the browser is gone");
  const body = { ...textBody(""), read: () => Promise.reject(failure) };
  let sent = 0;
  await assert.rejects(
    exchange(request(body), async (stream) => void await readAll(stream), {
      onSent: () => sent++,
    }),
    (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "Http2Error");
      assert.equal(error.cause, failure);
      return true;
    },
  );
  assert.equal(sent, 0);
});
