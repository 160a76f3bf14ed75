// The tunnels of this user that run in the background: a file for each.
import { join } from "node:path";
import * as z from "zod";
import { systemReason } from "../log/system_reason.ts";
import { ConfigError } from "./errors.ts";
import type { Environment } from "./sources/environment.ts";
import { readBounded } from "./sources/read_bounded.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** Tunnels of one user on one machine; more are a mistake of a script. */
const MAX_TUNNELS = 500;
const MAX_FILE_BYTES: number = 16 * 1024;
/** Logs of earlier tunnels that are kept. */
const MAX_LOGS = 20;
/** Characters of a tunnel's name in the name of its log. */
const MAX_NAME = 64;

const recordShape = z.object({
  /** 32 hexadecimal digits. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.string(),
  /** Origin of the server. */
  server: z.string(),
  /** `http://host:port` or `https://host:port`. */
  proxy: z.string(),
  pid: z.number().int(),
  /** When it was ready, as RFC 3339 says it. */
  since: z.string(),
  /** Port of its control on 127.0.0.1. */
  control: z.number().int().min(1).max(65_535),
  /** What the control asks for. */
  token: z.string(),
  /** Path of its log. */
  log: z.string(),
});

/** What is known of a tunnel in the background. */
export type BackgroundTunnel = Readonly<z.infer<typeof recordShape>>;

/** A file that is removed in the end. */
export interface KeptRecord extends AsyncDisposable {
  readonly path: string;
}

/** The files of this user. */
export class RunningTunnels {
  /** The folder, which only this user can read. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All tunnels whose files are there and whole, by name. Some may have ended without a word. */
  async list(): Promise<readonly BackgroundTunnel[]> {
    const names = await this.#names(".json");
    const found = await Promise.all(
      names.slice(0, MAX_TUNNELS).map((name) => this.#read(name)),
    );
    return found.filter((each) => each !== undefined)
      .toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  }

  /** Writes the file of a tunnel, until the result is disposed. @throws {ConfigError} When it cannot. */
  async add(record: BackgroundTunnel): Promise<KeptRecord> {
    const path = join(this.folder, `${record.id}.json`);
    const draft = `${path}.${crypto.randomUUID()}`;
    try {
      await this.#makeFolder();
      await Deno.writeTextFile(draft, `${JSON.stringify(record, null, 2)}\n`, {
        createNew: true,
        mode: OWNER_ONLY_FILE,
      });
      await Deno.rename(draft, path);
    } catch (cause) {
      await Deno.remove(draft).catch(() => {});
      throw this.#writeError(path, cause);
    }
    return {
      path,
      [Symbol.asyncDispose]: () => this.remove(record),
    };
  }

  /** Removes the file of a tunnel that has ended. */
  async remove({ id }: Pick<BackgroundTunnel, "id">): Promise<void> {
    await Deno.remove(join(this.folder, `${id}.json`)).catch(() => {});
  }

  /** The path of a new log. The oldest logs are removed. @throws {ConfigError} When the folder cannot be made. */
  async newLog(name: string): Promise<string> {
    await this.#makeFolder();
    const running = new Set((await this.list()).map(({ log }) => log));
    const logs = await Promise.all(
      (await this.#names(".log")).map((each) => join(this.folder, each))
        .filter((path) => !running.has(path))
        .map(async (path) => {
          const stat = await Deno.stat(path).catch(() => undefined);
          return { path, at: stat?.mtime?.getTime() ?? 0 };
        }),
    );
    const old = logs.toSorted((a, b) => b.at - a.at).slice(MAX_LOGS - 1);
    await Promise.all(old.map(({ path }) => Deno.remove(path).catch(() => {})));
    const plain = name.replace(/[^\w.-]/g, "_").slice(0, MAX_NAME);
    const unique = crypto.randomUUID().slice(0, 8);
    return join(this.folder, `${plain}-${unique}.log`);
  }

  async #names(ending: string): Promise<readonly string[]> {
    try {
      const entries = await Array.fromAsync(Deno.readDir(this.folder));
      return entries.map(({ name }) => name)
        .filter((name) => name.endsWith(ending));
    } catch {
      // There has never been a tunnel in the background.
      return [];
    }
  }

  async #read(name: string): Promise<BackgroundTunnel | undefined> {
    try {
      const path = join(this.folder, name);
      const text = await readBounded(path, "record", MAX_FILE_BYTES);
      return recordShape.safeParse(JSON.parse(text)).data;
    } catch {
      // It has just ended, or somebody else has written there.
      return undefined;
    }
  }

  async #makeFolder(): Promise<void> {
    try {
      await Deno.mkdir(this.folder, {
        recursive: true,
        mode: OWNER_ONLY_FOLDER,
      });
    } catch (cause) {
      throw this.#writeError(this.folder, cause);
    }
  }

  #writeError(path: string, cause: unknown): ConfigError {
    return new ConfigError(
      "badFile",
      `Cannot write "${path}", which a tunnel in the background needs: ${
        systemReason(cause)
      }, set XDG_STATE_HOME to a folder of yours`,
      { cause },
    );
  }
}

/** The tunnels of this user; `undefined` for users without a home directory, such as services. */
export function runningTunnels(
  environment: Environment = (name) => Deno.env.get(name),
): RunningTunnels | undefined {
  const base = environment("XDG_STATE_HOME") || environment("LOCALAPPDATA");
  const home = environment("HOME") || environment("USERPROFILE");
  if (!base && !home) return undefined;
  const folder = base || join(home ?? "", ".local", "state");
  return new RunningTunnels(join(folder, "sallyport", "tunnels"));
}
