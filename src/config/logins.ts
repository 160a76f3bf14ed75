// The servers that a user has logged in to: one file for each user of the machine.
import { dirname, join } from "node:path";
import * as z from "zod";
import { systemReason } from "../log/system_reason.ts";
import { ConfigError } from "./errors.ts";
import type { Environment } from "./sources/environment.ts";
import { readBounded } from "./sources/read_bounded.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** The permission bits of others, who must not read keys. */
const OTHERS = 0o077;
/** Servers of one user; more are a mistake of a script. */
const MAX_LOGINS = 200;
const MAX_FILE_BYTES: number = 1024 * 1024;

const loginShape = z.object({
  /** Origin of the server. */
  server: z.string(),
  username: z.string(),
  accessKey: z.string(),
  since: z.string(),
});
const fileShape = z.object({
  /** The name of the login in use. */
  current: z.string().optional(),
  logins: z.record(z.string(), loginShape),
});

/** A server, and who the user is there. */
export type KeptLogin = Readonly<z.infer<typeof loginShape>>;

type LoginFile = z.infer<typeof fileShape>;

/** A login, its name, and whether it is the one in use. */
export interface NamedLogin {
  readonly name: string;
  readonly login: KeptLogin;
  readonly isCurrent: boolean;
}

/** The logins of this user. Every call throws `ConfigError` when the file cannot be used. */
export class Logins {
  /** The path of the file. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** All of them, by name. */
  async list(): Promise<readonly NamedLogin[]> {
    const { current, logins } = await this.#read();
    return Object.entries(logins).map(([name, login]) => ({
      name,
      login,
      isCurrent: name === current,
    })).toSorted((a, b) => a.name < b.name ? -1 : 1);
  }

  /** Keeps a login, and uses it from now on. One of the same name is replaced. */
  async add(name: string, login: KeptLogin): Promise<void> {
    const { logins } = await this.#read();
    if (!Object.hasOwn(logins, name)) this.#checkRoom(Object.keys(logins));
    await this.#write({ current: name, logins: { ...logins, [name]: login } });
  }

  /** Uses another one from now on. @returns Whether it exists. */
  async use(name: string): Promise<boolean> {
    const { logins } = await this.#read();
    if (!Object.hasOwn(logins, name)) return false;
    await this.#write({ current: name, logins });
    return true;
  }

  /** Forgets one; if it is the one in use, none is in use then. @returns Whether it existed. */
  async remove(name: string): Promise<boolean> {
    const { current, logins: { [name]: removed, ...logins } } = await this
      .#read();
    if (removed === undefined) return false;
    await this.#write({ ...current !== name && { current }, logins });
    return true;
  }

  #checkRoom(names: readonly string[]): void {
    if (names.length < MAX_LOGINS) return;
    throw new ConfigError(
      "badFile",
      `Cannot keep another login: there are ${MAX_LOGINS} already, remove one ` +
        "with sallyport logout",
    );
  }

  async #read(): Promise<LoginFile> {
    let mode: number | null;
    try {
      ({ mode } = await Deno.stat(this.path));
    } catch (cause) {
      // There is no login, also where nothing may be read.
      if (
        cause instanceof Deno.errors.NotFound ||
        cause instanceof Deno.errors.NotADirectory
      ) return { logins: {} };
      mode = null;
    }
    if (Deno.build.os !== "windows" && ((mode ?? 0) & OTHERS) !== 0) {
      throw new ConfigError(
        "badFile",
        `Cannot use the logins in "${this.path}": other users can read the ` +
          `keys, run chmod 600 ${this.path}`,
      );
    }
    const text = await readBounded(
      this.path,
      "file of logins",
      MAX_FILE_BYTES,
    );
    const found = fileShape.safeParse(parse(text));
    if (found.success) return found.data;
    throw new ConfigError(
      "badFile",
      `Cannot read the file of logins "${this.path}": it is damaged, remove it ` +
        "and log in again with sallyport login",
    );
  }

  async #write(file: LoginFile): Promise<void> {
    const draft = `${this.path}.${crypto.randomUUID()}`;
    try {
      await Deno.mkdir(dirname(this.path), {
        recursive: true,
        mode: OWNER_ONLY_FOLDER,
      });
      await Deno.writeTextFile(draft, `${JSON.stringify(file, null, 2)}\n`, {
        createNew: true,
        mode: OWNER_ONLY_FILE,
      });
      await Deno.rename(draft, this.path);
    } catch (cause) {
      await Deno.remove(draft).catch(() => {});
      throw new ConfigError(
        "badFile",
        `Cannot write the file of logins "${this.path}": ${
          systemReason(cause)
        }`,
        { cause },
      );
    }
  }
}

/** The logins of the user; `undefined` for users without a home directory, such as services. */
export function userLogins(
  environment: Environment = (name) => Deno.env.get(name),
): Logins | undefined {
  const base = environment("XDG_CONFIG_HOME") || environment("APPDATA");
  const home = environment("HOME") || environment("USERPROFILE");
  if (!base && !home) return undefined;
  const folder = base || join(home ?? "", ".config");
  return new Logins(join(folder, "sallyport", "logins.json"));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
