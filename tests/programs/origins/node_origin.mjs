// A site on Node.js. Says on standard output what it gets, one request a line.
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  let content = "";
  try {
    for await (const piece of request) content += piece;
  } catch {
    content = "CUT";
  }
  // deno-lint-ignore no-console -- a program for the test to read
  console.log(`${request.method} ${request.url}|${content}`);
  response.end(request.url === "/next" ? "next" : "first");
});
server.listen(Number(process.argv[2]), "127.0.0.1");
