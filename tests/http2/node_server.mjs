// An HTTP/2 server of Node.js, for node_test.ts: another hand at the other end.
import { createServer } from "node:http2";

const server = createServer({
  settings: { enableConnectProtocol: true, maxConcurrentStreams: 50 },
});

server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  const path = headers[":path"];
  if (path === "/reset") {
    stream.respond({ ":status": 200 });
    // close(code) would end the content first.
    stream.write("some", () => stream.destroy(new Error("broken")));
    return;
  }
  if (path === "/early") {
    stream.additionalHeaders({ ":status": 103, link: "</a>" });
  }
  stream.respond(
    {
      ":status": 200,
      "set-cookie": ["a=1", "b=2"],
      "x-long": "y".repeat(20_000),
    },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": "yes" }));
  if (headers[":method"] === "GET") stream.end("hello");
  else stream.pipe(stream);
});

server.listen(
  0,
  "127.0.0.1",
  () => process.stdout.write(`${server.address().port}\n`),
);
process.stdin.on("end", () => process.exit()).resume();
