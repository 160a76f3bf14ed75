// The servers whose certificates a user has pinned with `sallyport trust`: one
// file for each user of the machine.
import { dirname, join } from "node:path";
import * as z from "zod";
import { systemReason } from "../log/system_reason.ts";
import { parseFingerprint } from "../net/tls/certificate_pins.ts";
import { ConfigError } from "./errors.ts";
import type { Environment } from "./sources/environment.ts";
import { readBounded } from "./sources/read_bounded.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** Servers of one user; more are a mistake of a script. */
const MAX_SERVERS = 200;
/** Fingerprints of one server: the old one and the new one, and a few to spare. */
const MAX_FINGERPRINTS = 8;
const MAX_FILE_BYTES: number = 1024 * 1024;

const serverShape = z.object({
  fingerprints: z.array(
    z.string().refine((text) => parseFingerprint(text) === text),
  ).min(1).max(MAX_FINGERPRINTS),
  subject: z.string(),
  since: z.string(),
});
const fileShape = z.object({
  servers: z.record(z.string(), serverShape),
});

/** What is known of a pinned server. */
export type TrustedServer = z.infer<typeof serverShape>;

/** The pinned servers of this user. Every call throws `ConfigError` when the file cannot be used. */
export class TrustedServers {
  /** The path of the file. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** All of them, by origin: `https://lab.example:8443`. */
  async list(): Promise<ReadonlyMap<string, TrustedServer>> {
    return new Map(Object.entries((await this.#read()).servers));
  }

  /** Pins a server; what was pinned of it before is replaced. */
  async pin(origin: string, server: TrustedServer): Promise<void> {
    const { servers } = await this.#read();
    if (
      !Object.hasOwn(servers, origin) &&
      Object.keys(servers).length >= MAX_SERVERS
    ) {
      throw new ConfigError(
        "badFile",
        `Cannot pin "${origin}": ${MAX_SERVERS} servers are pinned already, ` +
          "remove one with sallyport trust --remove",
      );
    }
    await this.#write({ ...servers, [origin]: server });
  }

  /** Forgets a server. @returns Whether it was pinned. */
  async remove(origin: string): Promise<boolean> {
    const { [origin]: removed, ...servers } = (await this.#read()).servers;
    if (removed === undefined) return false;
    await this.#write(servers);
    return true;
  }

  async #read(): Promise<z.infer<typeof fileShape>> {
    try {
      await Deno.lstat(this.path);
    } catch (cause) {
      // Nothing is pinned, also where nothing may be read.
      if (
        cause instanceof Deno.errors.NotFound ||
        cause instanceof Deno.errors.NotADirectory
      ) return { servers: {} };
    }
    const text = await readBounded(
      this.path,
      "file of pinned servers",
      MAX_FILE_BYTES,
    );
    const found = fileShape.safeParse(parse(text));
    if (found.success) return found.data;
    throw new ConfigError(
      "badFile",
      `Cannot read the file of pinned servers "${this.path}": it is damaged, ` +
        "remove it and pin the servers again with sallyport trust",
    );
  }

  async #write(
    servers: Readonly<Record<string, TrustedServer>>,
  ): Promise<void> {
    const draft = `${this.path}.${crypto.randomUUID()}`;
    try {
      const folder = dirname(this.path);
      await Deno.mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
      await Deno.writeTextFile(
        draft,
        `${JSON.stringify({ servers }, null, 2)}\n`,
        { createNew: true, mode: OWNER_ONLY_FILE },
      );
      await Deno.rename(draft, this.path);
    } catch (cause) {
      await Deno.remove(draft).catch(() => {});
      throw new ConfigError(
        "badFile",
        `Cannot write the file of pinned servers "${this.path}": ${
          systemReason(cause)
        }`,
        { cause },
      );
    }
  }
}

/** The pinned servers of the user; `undefined` for users without a home directory, such as services. */
export function trustedServers(
  environment: Environment = (name) => Deno.env.get(name),
): TrustedServers | undefined {
  const base = environment("XDG_CONFIG_HOME") || environment("APPDATA");
  const home = environment("HOME") || environment("USERPROFILE");
  if (!base && !home) return undefined;
  const folder = base || join(home ?? "", ".config");
  return new TrustedServers(join(folder, "sallyport", "trusted-servers.json"));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
