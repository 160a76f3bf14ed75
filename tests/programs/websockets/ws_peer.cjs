// npm's `ws` as server (`server PORT`) and as client through a proxy
// (`client PORT PROXY-PORT AUTHORIZATION`). What both do is in
// websockets_nightly.ts.
const assert = require("node:assert/strict");
const { connect } = require("node:net");
const { WebSocket, WebSocketServer } = require("ws");

const PIECE = 64 * 1024;
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_000_000];

const [role, port, proxyPort, authorization] = process.argv.slice(2);
if (role === "server") serve();
else {
  ask().then(() => process.exit(0), (error) => {
    process.stderr.write(String(error.stack));
    process.exit(1);
  });
}

function serve() {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  server.on("listening", () => process.stdout.write("listening\n"));
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      const [, count] = /^flood (\d+)$/.exec(isBinary ? "" : String(data)) ??
        [];
      if (count === undefined) return socket.send(data, { binary: isBinary });
      for (let at = 0; at < Number(count); at++) {
        socket.send(Buffer.alloc(PIECE, at));
      }
      setTimeout(() => {
        const left = PIECE * Number(count) - socket.bufferedAmount;
        process.stdout.write(`left=${left}\n`);
      }, 1_500);
    });
  });
}

async function ask() {
  const socket = new WebSocket(`ws://site.test:${port}/`, {
    createConnection: () => tunnel(),
    perMessageDeflate: false,
  });
  const messages = [];
  let wake = () => {};
  socket.on("message", (data, isBinary) => {
    messages.push(isBinary ? data : String(data));
    wake();
  });
  const next = async () => {
    while (messages.length === 0) await new Promise((done) => wake = done);
    return messages.shift();
  };
  await new Promise((done, fail) => {
    socket.on("open", done);
    socket.on("error", fail);
  });
  for (const size of SIZES) {
    socket.send("ä".repeat(size));
    assert.equal(await next(), "ä".repeat(size));
    socket.send(Buffer.alloc(size, size));
    assert.deepEqual(await next(), Buffer.alloc(size, size));
  }
  const count = 1600;
  socket.pause();
  socket.send(`flood ${count}`);
  process.stdout.write("paused\n");
  await new Promise((done) => process.stdin.once("data", done));
  socket.resume();
  for (let at = 0; at < count; at++) {
    assert.deepEqual(await next(), Buffer.alloc(PIECE, at), `piece ${at}`);
  }
  socket.close(4000, "bye");
  const [code, reason] = await new Promise((done) =>
    socket.on("close", (...end) => done(end))
  );
  assert.deepEqual([code, String(reason)], [4000, "bye"]);
}

function tunnel() {
  const socket = connect(proxyPort, "127.0.0.1");
  const { write } = socket;
  const waiting = [];
  // What `ws` writes at once waits for the proxy's answer.
  socket.write = (...args) => waiting.push(args) > 0;
  write.call(
    socket,
    `CONNECT site.test:${port} HTTP/1.1\r\nHost: site.test:${port}\r\n` +
      `Proxy-Authorization: ${authorization}\r\n\r\n`,
  );
  const { emit } = socket;
  let head = "";
  socket.emit = (name, ...args) => {
    if (name !== "data") return emit.call(socket, name, ...args);
    head += args[0].toString("latin1");
    if (!head.includes("\r\n\r\n")) return true;
    assert.match(head, /^HTTP\/1\.1 200 /);
    socket.emit = emit;
    socket.write = write;
    for (const each of waiting) socket.write(...each);
    return true;
  };
  return socket;
}
