/**
 * Checked modules in memory, each under a URL that a worker without any
 * permission can import.
 *
 * @module
 */
import type { CheckedModule } from "./module_graph.ts";

/** The modules of one worker; disposing forgets them. */
export class ModuleBlobs implements Disposable {
  /** In the order of the modules. */
  readonly #urls: string[] = [];
  readonly #modules: readonly CheckedModule[];

  constructor(modules: readonly CheckedModule[]) {
    this.#modules = modules;
    for (const module of modules) this.#urls.push(this.#publish(module));
  }

  /** The URL of the plugin itself. */
  get entry(): string {
    return this.#urls.at(-1) ?? "";
  }

  /** The `file:` URL of each, by the one it is imported by: for messages. */
  get files(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#urls.map((url, at) => [url, this.#modules[at]?.url ?? url]),
    );
  }

  [Symbol.dispose](): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  #publish({ url, isData, pieces }: CheckedModule): string {
    const text = pieces.map((piece) =>
      typeof piece === "string" ? piece : JSON.stringify(this.#urls[piece])
    );
    return URL.createObjectURL(new Blob(text, { type: typeOf(url, isData) }));
  }
}

/** What the runtime takes the text for: its URL has no extension. */
function typeOf(url: string, isData: boolean): string {
  if (isData) return "application/json";
  return url.endsWith("ts") ? "application/typescript" : "text/javascript";
}
