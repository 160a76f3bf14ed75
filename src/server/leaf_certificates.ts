/**
 * Certificates for the hosts whose TLS is opened, made when they are first
 * needed and kept for the next connection.
 *
 * @module
 */
import { type TlsIdentity, tlsIdentity } from "../net/tls_terminator.ts";
import type { CertificateAuthority } from "./certificate_authority.ts";

const DAY: number = 24 * 60 * 60 * 1000;
/** Short, because nobody revokes them; two weeks, because clocks of test machines are wrong. */
const LIFETIME: number = 14 * DAY;
/** How long one is used: those that began with it still have a week. */
const USED_FOR: number = 7 * DAY;
/** Who signs. */
export interface LeafCertificatesOptions {
  readonly authority: CertificateAuthority;
  /** What is sent behind the leaf, in PEM. */
  readonly chain: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Hosts whose certificates are kept, some 10 KB each; 1,024: to make one takes 3 ms. */
  readonly maxKept?: number;
}

interface Kept {
  readonly identity: Promise<TlsIdentity>;
  readonly until: number;
}

/** Gives every host a certificate. The one not used for longest makes room. */
export class LeafCertificates {
  readonly #authority: CertificateAuthority;
  readonly #chain: string;
  readonly #now: () => number;
  readonly #maxKept: number;
  readonly #kept = new Map<string, Kept>();

  constructor(
    { authority, chain, now = Date.now, maxKept = 1_024 }:
      LeafCertificatesOptions,
  ) {
    this.#maxKept = maxKept;
    this.#authority = authority;
    this.#chain = chain;
    this.#now = now;
  }

  /** The certificate of a host. @param hostname Lower case; a name, or an IP address without brackets. */
  identityOf(hostname: string): Promise<TlsIdentity> {
    const now = this.#now();
    const known = this.#kept.get(hostname);
    this.#kept.delete(hostname);
    const kept = known !== undefined && known.until > now
      ? known
      : { identity: this.#make(hostname, now), until: now + USED_FOR };
    this.#kept.set(hostname, kept);
    this.#makeRoom();
    kept.identity.catch(() => this.#kept.delete(hostname));
    return kept.identity;
  }

  async #make(hostname: string, now: number): Promise<TlsIdentity> {
    const { certPem, keyPem } = await this.#authority.issue([hostname], now, {
      lifetime: LIFETIME,
    });
    return tlsIdentity({ cert: certPem + this.#chain, key: keyPem });
  }

  #makeRoom(): void {
    for (const hostname of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxKept) return;
      this.#kept.delete(hostname);
    }
  }
}
