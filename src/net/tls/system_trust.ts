/**
 * Which authorities are trusted besides those of options: Mozilla's, which are
 * built into the runtime, and those of the system.
 *
 * The runtime reads the variable at the first TLS connection of the process,
 * from then on the list stays. So the program sets it before all else. A
 * program that Sallyport is a part of decides for itself.
 */
import { X509Certificate } from "node:crypto";
// Only it shows what the system trusts.
import { getCACertificates } from "node:tls";
import { SYSTEM, type SystemName } from "../../platform/system.ts";

/** Names the stores of the runtime, separated by commas: `system`, `mozilla`. */
const STORES = "DENO_TLS_CA_STORE";
/** Takes the place of the system's store, on every system. */
const FILE = "SSL_CERT_FILE";

/** Where systems with Linux keep all certificates in one file: Debian and Alpine, Fedora, openSUSE. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

/** What the machine has to say about it. */
export interface TrustPlatform {
  readonly name: SystemName;
  /** A variable of the environment. */
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  /** Whether a file can be read. */
  canRead(path: string): boolean;
  /** The certificates of the system, in PEM. It throws where they cannot be asked for. */
  certificates(): readonly string[];
}

const PLATFORM: TrustPlatform = {
  name: SYSTEM.name,
  get(name) {
    try {
      return Deno.env.get(name);
    } catch {
      // A program that has Sallyport as a part may not allow it.
      return undefined;
    }
  },
  set(name, value) {
    try {
      Deno.env.set(name, value);
    } catch {
      // Without the permission the program says what it lacks, later.
    }
  },
  canRead(path) {
    try {
      Deno.openSync(path).close();
      return true;
    } catch {
      return false;
    }
  },
  certificates: () => getCACertificates("system"),
};

/**
 * Makes the certificates of the system count from now on, besides the built-in
 * ones, unless the user has chosen the stores. Call it before any TLS
 * connection.
 *
 * @returns A sentence for the user, when the system's certificates cannot be
 * used. All TLS connections would fail otherwise.
 */
export function trustSystem(
  platform: TrustPlatform = PLATFORM,
): string | undefined {
  if (platform.get(STORES) !== undefined) return undefined;
  const file = platform.get(FILE);
  if (file && !platform.canRead(file)) {
    return `The certificates of the system are not trusted: ${FILE} names ` +
      `"${file}", which cannot be read, set it to a file in PEM or unset it`;
  }
  platform.set(STORES, "system,mozilla");
  return undefined;
}

/** What is trusted besides the certificates of options. */
export interface TrustedStores {
  /** Whether Mozilla's authorities are. */
  readonly hasBuiltIn: boolean;
  /** The place of the system's certificates, for messages; `undefined` where they do not count. */
  readonly system: string | undefined;
  /** Those of the system; none where they cannot be asked for. */
  readonly certificates: readonly X509Certificate[];
}

/** For explanations: what was looked at when a certificate was not trusted. */
export function trustedStores(
  platform: TrustPlatform = PLATFORM,
): TrustedStores {
  const stores = (platform.get(STORES) ?? "mozilla").split(",")
    .map((store) => store.trim());
  const hasBuiltIn = stores.includes("mozilla");
  if (!stores.includes("system")) {
    return { hasBuiltIn, system: undefined, certificates: [] };
  }
  return {
    hasBuiltIn,
    system: placeOf(platform),
    certificates: certificatesOf(platform),
  };
}

/** Where the runtime looks for them. */
function placeOf({ name, get, canRead }: TrustPlatform): string {
  const file = get(FILE);
  if (file) return `"${file}" (${FILE})`;
  if (name === "darwin") return "the keychain";
  if (name === "windows") return "the certificate store of Windows";
  const bundle = BUNDLES.find(canRead);
  return bundle === undefined
    ? "the certificates of the system, which has none"
    : `"${bundle}"`;
}

/** Kept, as the runtime keeps its list: reading them takes some milliseconds. */
const known = new WeakMap<TrustPlatform, readonly X509Certificate[]>();

function certificatesOf(platform: TrustPlatform): readonly X509Certificate[] {
  const before = known.get(platform);
  if (before !== undefined) return before;
  let found: readonly X509Certificate[] = [];
  try {
    found = platform.certificates().flatMap(readable);
  } catch {
    // The permission is missing: an explanation says less.
  }
  known.set(platform, found);
  return found;
}

/** Stores have certificates of all times; some are not of a kind that is known here. */
function readable(pem: string): readonly X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    return [];
  }
}
