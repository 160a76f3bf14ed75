/**
 * A page that uses everything a page can ask of a proxy, and writes down what
 * it got: style, script, images, a form, fetch, a WebSocket, server-sent
 * events.
 *
 * @module
 */
import type { OriginExchange } from "./origin_exchange.ts";

/** What the page writes as JSON into `#result` when all of it worked; `#result` has `data-done` then. */
export const PAGE_RESULT = {
  style: "rgb(1, 2, 3)",
  images: [3, 3],
  form: "name=O%27Hara&note=two+words",
  post: 100_000,
  webSocket: ["hello", 70_000],
  events: ["event 1", "event 2", "event 3"],
} as const;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Behind the firewall</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page/page.css">
</head>
<body>
<h1>Behind the firewall</h1>
<img id="one" src="/page/image.svg?1" alt="">
<img id="two" src="/page/image.svg?2" alt="">
<form method="post" action="/page/form">
<input name="name" value="O'Hara"><input name="note" value="two words">
<button>Send</button>
</form>
<pre id="result"></pre>
<script src="/page/page.js" type="module"></script>
</body>
</html>
`;

const CSS = "h1 { color: rgb(1, 2, 3); }\n";

const IMAGE =
  `<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"></svg>\n`;

const SCRIPT = `
const result = document.querySelector("#result");
const image = async (id) => {
  const element = document.querySelector(id);
  await element.decode();
  return element.naturalWidth;
};
const form = async () => {
  const body = new URLSearchParams(new FormData(document.querySelector("form")));
  return (await fetch("/echo", { method: "POST", body })).text();
};
const post = async () => {
  const body = new Uint8Array(100_000);
  const answer = await fetch("/digest", { method: "POST", body });
  return (await answer.json()).bytes;
};
const webSocket = () => new Promise((resolve, reject) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
  const got = [];
  socket.onerror = () => reject(new Error("WebSocket failed"));
  socket.onopen = () => { socket.send("hello"); socket.send("x".repeat(70_000)); };
  socket.onmessage = ({ data }) => {
    got.push(got.length === 0 ? data : data.length);
    if (got.length === 2) { socket.onerror = null; socket.close(); resolve(got); }
  };
});
const events = () => new Promise((resolve, reject) => {
  const source = new EventSource("/events?count=3");
  const got = [];
  source.onerror = () => reject(new Error("EventSource failed"));
  source.onmessage = ({ data }) => {
    if (got.push(data) === 3) { source.close(); resolve(got); }
  };
});
try {
  result.textContent = JSON.stringify({
    style: getComputedStyle(document.querySelector("h1")).color,
    images: await Promise.all([image("#one"), image("#two")]),
    form: await form(),
    post: await post(),
    webSocket: await webSocket(),
    events: await events(),
  });
} catch (error) {
  result.textContent = String(error);
}
result.dataset.done = "true";
`;

/** `/page` and what belongs to it. */
export async function pageRoute(exchange: OriginExchange): Promise<void> {
  switch (exchange.path) {
    case "/page":
      return await send(exchange, "text/html", HTML);
    case "/page/page.css":
      return await send(exchange, "text/css", CSS);
    case "/page/page.js":
      return await send(exchange, "text/javascript", SCRIPT);
    case "/page/image.svg":
      return await send(exchange, "image/svg+xml", IMAGE);
    case "/page/form":
      return await thank(exchange);
    default:
      return await exchange.answer(404);
  }
}

async function send(
  exchange: OriginExchange,
  type: string,
  body: string,
): Promise<void> {
  const fields = [["Content-Type", `${type}; charset=utf-8`]] as const;
  await exchange.answer(200, { fields, body });
}

/** What the form leads to: the content it sent, as a page of its own. */
async function thank(exchange: OriginExchange): Promise<void> {
  let content = "";
  for await (const piece of exchange.content()) {
    content += new TextDecoder().decode(piece);
  }
  const text = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const head = '<!doctype html><link rel="icon" href="data:,">';
  await send(exchange, "text/html", `${head}<p>${text}</p>\n`);
}
