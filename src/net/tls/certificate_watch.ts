/**
 * Takes new certificates from their files while the program runs, and warns
 * before they expire. Connections that exist keep the old ones.
 *
 * The files are read every half a minute: watchers of the system miss changes
 * on network drives and of links to other folders.
 */
import { createHash } from "node:crypto";
import { type Clock, systemClock } from "../../async/clock.ts";
import type { Logger } from "../../log/log.ts";
import { type CertificateEnd, certificateEnds } from "./certificate_dates.ts";

/** Certificates in PEM, with the key of the first one if it is ours. */
export interface CertificateText {
  readonly cert: string;
  readonly key?: string;
}

/** Files with certificates that belong together. */
export interface CertificateFiles {
  /** For the log: what they are for. */
  readonly name: string;
  /** Whether they are certificates of others that are trusted; some of those have always expired. */
  readonly areTrusted?: boolean;
  /** Whether they are renewed without a person: warnings come later then. */
  readonly isRenewed?: boolean;
  /** What is in use. */
  readonly inUse: CertificateText;
  /** Reads the files. */
  read(): Promise<CertificateText>;
  /** Uses what was read from now on. It throws, and changes nothing, if that is not possible. */
  use(text: CertificateText): void | Promise<void>;
}

/** Options of {@linkcode CertificateWatch}. */
export interface CertificateWatchOptions {
  readonly log: Logger;
  /** How often the files are read, in milliseconds. Default 30 s. */
  readonly interval?: number | undefined;
  readonly clock?: Clock;
}

const DAY = 24 * 60 * 60 * 1000;
/** How long before the end there are warnings: two weeks are enough for a person to renew a certificate. */
const WARN_BEFORE = 14 * DAY;
/** The part of a life that is left when a renewal at a third of it has failed for long. */
const RENEWAL_MISSED: number = 1 / 6;
const INTERVAL = 30_000;

/** Watches files until it is disposed. It warns at once of what expires soon. */
export class CertificateWatch implements AsyncDisposable {
  readonly #files: readonly WatchedFiles[];
  readonly #interval: number;
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #isDisposed = false;
  /** Settles after the last look; there is one at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    files: readonly CertificateFiles[],
    { log, interval = INTERVAL, clock = systemClock }: CertificateWatchOptions,
  ) {
    this.#files = files.map((each) => new WatchedFiles(each, { log, clock }));
    this.#interval = interval;
    this.#clock = clock;
    for (const each of this.#files) each.warn();
    this.#lookLater();
  }

  /** The certificates that are in use, in PEM, by name. */
  get certificates(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#files.map(({ name, certificates }) => [name, certificates]),
    );
  }

  /** Looks for new certificates now. It never rejects: what fails is logged. */
  reload(): Promise<void> {
    this.#last = this.#last.then(async () => {
      for (const each of this.#files) if (!this.#isDisposed) await each.look();
    });
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#last;
  }

  #lookLater(): void {
    if (this.#isDisposed) return;
    this.#timer = this.#clock.timer(
      this.#interval,
      () => void this.reload().then(() => this.#lookLater()),
    );
  }
}

/** What is known of some files. */
class WatchedFiles {
  readonly name: string;
  readonly #files: CertificateFiles;
  readonly #log: Logger;
  readonly #clock: Clock;
  #inUse: CertificateText;
  /** What was logged of the files as they are now. */
  #complaint = "";
  #warnedAt = -Infinity;

  constructor(
    files: CertificateFiles,
    { log, clock }: { readonly log: Logger; readonly clock: Clock },
  ) {
    this.name = files.name;
    this.#files = files;
    this.#log = log;
    this.#clock = clock;
    this.#inUse = files.inUse;
  }

  get certificates(): string {
    return this.#inUse.cert;
  }

  async look(): Promise<void> {
    let found: CertificateText | undefined;
    try {
      found = await this.#files.read();
      if (!isSame(found, this.#inUse)) await this.#use(found);
      this.#complaint = "";
    } catch (error) {
      this.#complain(found, error);
    }
    this.warn();
  }

  /** Warns of what expires soon, at most once a day. */
  warn(): void {
    const now = this.#clock.now();
    if (now - this.#warnedAt < DAY) return;
    const ending = this.#endingAt(now);
    if (ending === undefined) return;
    this.#warnedAt = now;
    const { subject, end } = ending;
    const facts = {
      certificates: this.name,
      subject,
      expires: new Date(end).toISOString(),
    };
    if (end <= now) this.#log.error("certificate has expired, renew it", facts);
    else this.#log.warn("certificate expires soon, renew it", facts);
  }

  async #use(found: CertificateText): Promise<void> {
    const ends = certificateEnds(found.cert);
    if (ends.length === 0) throw new TypeError("there is no certificate");
    await this.#files.use(found);
    this.#inUse = found;
    this.#warnedAt = -Infinity;
    const first = Math.min(...ends.map(({ end }) => end));
    this.#log.info("new certificates are in use", {
      certificates: this.name,
      expires: new Date(first).toISOString(),
    });
  }

  /** Logs one line for each state of the files. */
  #complain(found: CertificateText | undefined, error: unknown): void {
    const complaint = `${found && digestOf(found)} ${error}`;
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#log.error("cannot use new certificates, the old ones stay", {
      certificates: this.name,
      error,
    });
  }

  /** The certificate that ends first, if that is soon. */
  #endingAt(now: number): CertificateEnd | undefined {
    const { areTrusted = false, isRenewed = false } = this.#files;
    const warnBefore = (each: CertificateEnd) =>
      isRenewed
        ? Math.min(WARN_BEFORE, (each.end - each.begin) * RENEWAL_MISSED)
        : WARN_BEFORE;
    return endsOf(this.#inUse)
      .filter((each) => each.end - now <= warnBefore(each))
      .filter(({ end }) => !areTrusted || now - end <= WARN_BEFORE)
      .toSorted((one, other) => one.end - other.end)[0];
  }
}

/** None for what cannot be read: its user says so. */
function endsOf({ cert }: CertificateText): readonly CertificateEnd[] {
  try {
    return certificateEnds(cert);
  } catch {
    return [];
  }
}

function isSame(one: CertificateText, other: CertificateText): boolean {
  return one.cert === other.cert && one.key === other.key;
}

function digestOf({ cert, key = "" }: CertificateText): string {
  return createHash("sha256").update(cert).update(key).digest("base64");
}
