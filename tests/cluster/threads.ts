/**
 * A program with three nodes, two of them threads, and Unix sockets between
 * them. `threads.ts FOLDER crash` kills one thread under load,
 * `threads.ts FOLDER again` starts one again, `threads.ts FOLDER look` prints
 * the modes of folder and socket. The last line is a report in JSON.
 *
 * @module
 */
import { NodeFolder } from "../../src/cluster/node_folder.ts";
import { TunnelError } from "../../src/tunnel/errors.ts";
import { within } from "../testing/deadline.ts";
import type { NodeTask } from "./node_worker.ts";
import { contextOf, get, idOf, TestNode, textOf } from "./nodes.ts";

/** Requests at once. */
const LOAD = 16;
/** Requests before the crash, and after it. */
const REQUESTS = 400;
/** As the server's proxy: the first attempt and two more. */
const ATTEMPTS = 3;

const TUNNELS = [idOf(1), idOf(2), idOf(3)];

const [folder = "", action] = Deno.args;
await using node = new TestNode(new NodeFolder(folder), "a");
const { mesh } = node;

/** What the parent reads. */
const report = action === "crash"
  ? await crash()
  : action === "again"
  ? await again()
  : modes();
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));

async function crash() {
  const b = await startThread("b");
  const c = await startThread("c");
  await within(
    mesh.until(() => TUNNELS.every((id) => mesh.takers(id).join() === "b,c")),
    "what both threads hold",
  );
  const counts = { right: 0, wrong: 0, failed: 0, last: "" };
  let asked = 0;
  const load = Array.from({ length: LOAD }, async () => {
    while (asked < 2 * REQUESTS) {
      const tunnelId = TUNNELS[asked++ % TUNNELS.length] ?? "";
      if (asked === REQUESTS) b.terminate();
      const answer = await ask(tunnelId).catch(() => undefined);
      if (answer === undefined) counts.failed += 1;
      else if (answer.startsWith(tunnelId)) counts.right += 1;
      else counts.wrong += 1;
      counts.last = answer?.slice(33) ?? "";
    }
  });
  await within(Promise.all(load), "all requests");
  await within(
    mesh.until(() => mesh.linked.join() === "c"),
    "the end of the link to the dead node",
  );
  c.terminate();
  return counts;
}

async function again() {
  const held = () => mesh.takers(idOf(1)).join() === "b";
  const first = await startThread("b");
  await within(mesh.until(held), "what the thread holds");
  first.terminate();
  await within(mesh.until(() => !held()), "the end of the link");
  const second = await startThread("b");
  await within(mesh.until(held), "what the new thread holds");
  const answer = await ask(idOf(1));
  second.terminate();
  return { answer };
}

function modes() {
  const modeOf = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;
  return { folder: modeOf(folder), socket: modeOf(`${folder}/a.sock`) };
}

async function startThread(name: string): Promise<Worker> {
  const url = new URL("node_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.addEventListener("message", () => resolve());
  const task: NodeTask = { folder, name, tunnels: TUNNELS };
  worker.postMessage(task);
  await within(promise, `node ${name} in its thread`);
  return worker;
}

/** Asks as the proxy does: what may be sent again is. */
async function ask(tunnelId: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    try {
      const sent = await mesh.send(get("site.test"), contextOf(tunnelId));
      return await textOf(sent);
    } catch (cause) {
      const isLost = cause instanceof TunnelError && cause.code === "lost";
      if (!isLost || attempt === ATTEMPTS) throw cause;
    }
  }
}
