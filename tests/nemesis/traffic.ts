/**
 * Browsers that ask without pause, and write down what they get.
 *
 * @module
 */
import type { Random } from "../http2/hpack/random.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { type Answer, BrowserConnection, WAYS } from "../testing/browser.ts";
import { credentialsFor } from "../testing/user.ts";
import { contentOf, type Operation, type Result } from "./history.ts";
import { SITE } from "./sites.ts";
import type { World } from "./world.ts";

/** Bytes of most responses and requests, and of the large ones. */
const SMALL = 2_000;
const LARGE = 400_000;
/** Between two requests of one browser, in milliseconds: programs must start meanwhile. */
const MAX_PAUSE = 60;
/** After a failure, in milliseconds: a port that is closed says so at once. */
const AFTER_FAILURE = 200;

/** The browsers of all tunnels. */
export class Traffic {
  readonly operations: Operation[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #began = performance.now();
  #lastId = 0;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** Milliseconds since the start. */
  get now(): number {
    return performance.now() - this.#began;
  }

  /** One browser of a tunnel; asks until `signal` is aborted. */
  async browse(tunnel: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isGood = await this.ask(tunnel);
      const pause = isGood ? this.#random(MAX_PAUSE) : AFTER_FAILURE;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** One request of any kind. @returns Whether it was answered as it should be. */
  async ask(tunnel: string): Promise<boolean> {
    const random = this.#random;
    const id = String(++this.#lastId);
    const method = random(3) === 0 ? "POST" : "GET";
    const way = WAYS[random(WAYS.length)] ?? "plain";
    const length = random(random(5) === 0 ? LARGE : SMALL);
    const from = this.now;
    const result = await this.#result({ tunnel, id, method, way, length });
    this.operations.push({ id, tunnel, method, from, to: this.now, result });
    return result.kind === "response" && result.status === 200;
  }

  async #result({ tunnel, id, method, way, length }: {
    readonly tunnel: string;
    readonly id: string;
    readonly method: "GET" | "POST";
    readonly way: "plain" | "connect";
    readonly length: number;
  }): Promise<Result> {
    const { proxyPort, sites } = this.#world;
    let answer: Answer | undefined;
    let text = "";
    try {
      using connection = await BrowserConnection.open({
        port: proxyPort,
        credentials: credentialsFor(tunnel),
      }, { site: sites, hostname: SITE, way });
      answer = await connection.exchange(
        method,
        `/${length}/${id}`,
        method === "GET"
          ? {}
          : { content: bytesOf(contentOf(tunnel, id, length)) },
      );
      const decoder = new TextDecoder();
      for await (const piece of answer.content) text += decoder.decode(piece);
      return { kind: "response", status: answer.status, text };
    } catch (error) {
      const status = answer?.status ?? 200;
      // An error page that breaks off says nothing about content.
      return {
        kind: "broken",
        why: String(error),
        text: status === 200 ? text : "",
      };
    }
  }
}
