// An HTTP/2 client of Node.js, for node_test.ts: says on its last line what it saw.
import { createHash } from "node:crypto";
import { connect } from "node:http2";

const session = connect(`http://127.0.0.1:${process.argv[2]}`);
const seen = {};

function exchange(headers, content) {
  return new Promise((resolve, reject) => {
    const result = { sum: "", interim: 0 };
    const hash = createHash("sha256");
    const request = session.request(headers);
    request.on("headers", () => result.interim++);
    request.on("response", (fields) => result.status = fields[":status"]);
    request.on("trailers", (fields) => result.trailer = fields["x-end"]);
    request.on("data", (part) => hash.update(part));
    request.on("error", reject);
    request.on(
      "close",
      () =>
        resolve({ ...result, code: request.rstCode, sum: hash.digest("hex") }),
    );
    request.end(content);
  });
}

const content = Buffer.alloc(5_000_000, "0123456789");
seen.sum = createHash("sha256").update(content).digest("hex");
seen.echo = await exchange({ ":method": "POST", ":path": "/echo" }, content);
seen.many = (await Promise.all(
  Array.from(
    { length: 100 },
    (_, i) => exchange({ ":method": "POST", ":path": "/echo" }, `${i}`),
  ),
)).filter((one) => one.status === 200 && one.trailer === "yes").length;
seen.refused = await exchange({ ":path": "/reset" }).catch((error) =>
  error.code
);
seen.ping = await new Promise((resolve) =>
  session.ping((error) => resolve(error === null))
);
await new Promise((resolve) => session.close(resolve));
process.stdout.write(JSON.stringify(seen));
