import type { FairMap } from "../../async/fair_map.ts";
import { type TlsIdentity, tlsIdentity } from "../../net/tls/tls_terminator.ts";
import type { CertificateAuthority } from "../tls/certificate_authority.ts";
import { SharedTables } from "../accounts/shared_tables.ts";

const DAY: number = 24 * 60 * 60 * 1000;
/** Short, because they are never revoked; two weeks, because clocks of test machines are wrong. */
const LIFETIME: number = 14 * DAY;
/** How long a certificate is given to new connections; it stays valid for another week. */
const USED_FOR: number = 7 * DAY;

/** Options of {@linkcode LeafCertificates}. */
export interface LeafCertificatesOptions {
  readonly authority: CertificateAuthority;
  /** The chain that is sent after the leaf, in PEM. */
  readonly chain: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Certificates that are kept, about 10 KB each. Default 1,024; issuing one takes 3 ms. */
  readonly maxKept?: number;
  /** Assigns certificates to organizations; by default all belong to one. */
  readonly shares?: SharedTables;
}

interface Kept {
  readonly identity: Promise<TlsIdentity>;
  readonly until: number;
}

/**
 * Issues certificates for intercepted hosts and caches them. Each organization
 * has its own, so that timing does not reveal which hosts another one uses. A
 * full cache drops the least recently used one of the organization and owner
 * with the most.
 */
export class LeafCertificates {
  readonly #authority: CertificateAuthority;
  readonly #chain: string;
  readonly #now: () => number;
  readonly #shares: SharedTables;
  readonly #kept: FairMap<Kept>;

  constructor(
    {
      authority,
      chain,
      now = Date.now,
      maxKept = 1_024,
      shares = new SharedTables(),
    }: LeafCertificatesOptions,
  ) {
    this.#kept = shares.table("certificates", { maxEntries: maxKept });
    this.#shares = shares;
    this.#authority = authority;
    this.#chain = chain;
    this.#now = now;
  }

  /**
   * The certificate of a host.
   *
   * @param hostname A name in lower case, or an IP address without brackets.
   * @param user The owner of the tunnel.
   */
  identityOf(hostname: string, user = ""): Promise<TlsIdentity> {
    const now = this.#now();
    const taker = this.#shares.takerOf(user);
    // Names of organizations contain no blanks.
    const key = `${taker.organization} ${hostname}`;
    const known = this.#kept.use(key);
    if (known !== undefined && known.until > now) return known.identity;
    const identity = this.#issue(hostname, now);
    this.#shares.tallyOf(user).countCertificate();
    const kept = { identity, until: now + USED_FOR };
    this.#kept.set(key, kept, taker);
    identity.catch(() => this.#kept.delete(key));
    return identity;
  }

  async #issue(hostname: string, now: number): Promise<TlsIdentity> {
    const { certPem, keyPem } = await this.#authority.issue([hostname], now, {
      lifetime: LIFETIME,
    });
    return tlsIdentity({ cert: certPem + this.#chain, key: keyPem });
  }
}
