/**
 * A node in a thread of its own, with clients whose sites say which tunnel they
 * are behind.
 *
 * @module
 */
import { NodeFolder } from "../../src/cluster/node_folder.ts";
import { respondWith, TestNode } from "./nodes.ts";

/** What a thread is to do. */
export interface NodeTask {
  readonly folder: string;
  readonly name: string;
  /** Ids of the tunnels that it holds. */
  readonly tunnels: readonly string[];
}

/** What a thread knows of the one that started it. */
interface Scope {
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<NodeTask>) => void,
  ): void;
  postMessage(message: string): void;
}

const scope = globalThis as unknown as Scope;
scope.addEventListener("message", ({ data }) => void start(data));

async function start({ folder, name, tunnels }: NodeTask): Promise<void> {
  const node = new TestNode(new NodeFolder(folder), name);
  for (const tunnelId of tunnels) {
    await node.connect(
      tunnelId,
      () => Promise.resolve(respondWith(`${tunnelId} ${name}`)),
    );
  }
  scope.postMessage("ready");
}
