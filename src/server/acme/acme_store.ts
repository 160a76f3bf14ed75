/**
 * What an ACME server has given, in the data directory. The names of the files
 * contain a hash of the directory's URL: certificates and accounts of a test CA
 * are never used with another one.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { KeyedCertificate } from "../tls/certificate_authority.ts";
import {
  OWNER_ONLY_FILE,
  readIfPresent,
  removeIfPresent,
  writeWhole,
} from "../tls/whole_files.ts";

/** More of a reason is not kept, in characters: a CA writes part of it. */
export const MAX_REASON = 1000;

const accountShape = z.object({
  directory: z.string(),
  url: z.string().optional(),
  keyPem: z.string(),
});
const attemptsShape = z.object({
  failures: z.number().int().nonnegative(),
  lastAttempt: z.number(),
  notBefore: z.number().optional(),
  /** Why the last one failed. Versions before 0.2 do not say it. */
  reason: z.string().max(MAX_REASON).optional(),
});
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/;

/** An account at a CA. */
export type StoredAccount = z.infer<typeof accountShape>;
/** What went wrong since the last certificate. Times are in milliseconds since 1970. */
export type StoredAttempts = z.infer<typeof attemptsShape>;

/** The files of one directory of an ACME server. Only their owner may read them. */
export class AcmeStore {
  readonly #directory: string;
  readonly #path: (kind: string) => string;

  /** @param directory The URL of the ACME server's directory. */
  constructor(dataDir: string, directory: string) {
    this.#directory = directory;
    const hash = createHash("sha256").update(directory).digest("hex");
    const id = hash.slice(0, 12);
    this.#path = (kind) => join(dataDir, `acme-${id}-${kind}`);
  }

  /** The account; `undefined` when there is none, or its file is damaged. */
  async account(): Promise<StoredAccount | undefined> {
    return await this.#read("account.json", accountShape);
  }

  /** Keeps the account. */
  async saveAccount(
    account: Omit<StoredAccount, "directory">,
  ): Promise<void> {
    await this.#write("account.json", {
      directory: this.#directory,
      ...account,
    });
  }

  /** The certificate with its key; `undefined` when there is none. */
  async certificate(): Promise<KeyedCertificate | undefined> {
    const text = await readIfPresent(this.#path("certificate.pem"));
    const keyPem = text && PRIVATE_KEY.exec(text)?.[0];
    if (!text || keyPem === undefined) return undefined;
    const certPem = `${text.replace(PRIVATE_KEY, "").trim()}\n`;
    return { certPem, keyPem: `${keyPem}\n` };
  }

  /** Keeps a certificate. Key and chain share one file, so that they always belong together. */
  async saveCertificate(
    { certPem, keyPem }: KeyedCertificate,
  ): Promise<void> {
    const text = `${keyPem.trim()}\n${certPem.trim()}\n`;
    await writeWhole(this.#path("certificate.pem"), text, OWNER_ONLY_FILE);
  }

  /** What went wrong lately. */
  async attempts(): Promise<StoredAttempts | undefined> {
    return await this.#read("attempts.json", attemptsShape);
  }

  /** Keeps what went wrong, or forgets it: a restart changes no pause. */
  async saveAttempts(attempts: StoredAttempts | undefined): Promise<void> {
    if (attempts !== undefined) await this.#write("attempts.json", attempts);
    else await removeIfPresent(this.#path("attempts.json"));
  }

  async #read<T>(
    kind: string,
    shape: z.ZodType<T>,
  ): Promise<T | undefined> {
    const text = await readIfPresent(this.#path(kind));
    if (text === undefined) return undefined;
    try {
      return shape.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async #write(kind: string, value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    await writeWhole(this.#path(kind), text, OWNER_ONLY_FILE);
  }
}
