/**
 * Certificates for the hosts whose TLS is opened, made when they are first
 * needed and kept for the next connection.
 *
 * @module
 */
import type { FairMap } from "../../async/fair_map.ts";
import { type TlsIdentity, tlsIdentity } from "../../net/tls/tls_terminator.ts";
import type { CertificateAuthority } from "../tls/certificate_authority.ts";
import { SharedTables } from "../accounts/shared_tables.ts";

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
  /** Certificates that are kept, some 10 KB each; 1,024: to make one takes 3 ms. */
  readonly maxKept?: number;
  /** Whose certificates are; all are of one organization unless given. */
  readonly shares?: SharedTables;
}

interface Kept {
  readonly identity: Promise<TlsIdentity>;
  readonly until: number;
}

/**
 * Gives every host a certificate. Each organization has its own: how long it
 * takes shall tell nobody which hosts another one uses. Of the organization and
 * the owner with the most, the one not used for longest makes room.
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
   * @param hostname Lower case; a name, or an IP address without brackets.
   * @param user The owner of the tunnel that it is for.
   */
  identityOf(hostname: string, user = ""): Promise<TlsIdentity> {
    const now = this.#now();
    const taker = this.#shares.takerOf(user);
    // No name of an organization has a blank.
    const key = `${taker.organization} ${hostname}`;
    const known = this.#kept.use(key);
    if (known !== undefined && known.until > now) return known.identity;
    const identity = this.#make(hostname, now);
    const kept = { identity, until: now + USED_FOR };
    this.#kept.set(key, kept, taker);
    identity.catch(() => this.#kept.delete(key));
    return identity;
  }

  async #make(hostname: string, now: number): Promise<TlsIdentity> {
    const { certPem, keyPem } = await this.#authority.issue([hostname], now, {
      lifetime: LIFETIME,
    });
    return tlsIdentity({ cert: certPem + this.#chain, key: keyPem });
  }
}
