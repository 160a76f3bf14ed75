import { X509Certificate } from "node:crypto";
import {
  readCounter,
  readGauge,
  type Sample,
  samplesBy,
} from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Registers when the first certificate of each PEM in use expires, by role. */
export function registerCertificates(
  registry: Registry,
  certificates: () => Readonly<Record<string, string>>,
): void {
  readGauge(registry, {
    name: "cert_expiry_timestamp_seconds",
    help: "When a certificate expires, in seconds since 1970: the one that " +
      "clients and browsers see, and the CA that signs for opened hosts.",
    labels: ["cn", "dns_names", "organization", "role"],
    read: () =>
      Object.entries(certificates())
        .map(([role, pem]) => sampleOf(role, new X509Certificate(pem))),
  });
}

function sampleOf(
  role: string,
  { subject, subjectAltName, validTo }: X509Certificate,
): Sample {
  const part = (name: string) =>
    // A certificate may have no subject, which Node's types do not say.
    new RegExp(`^${name}=(.*)$`, "m").exec(subject ?? "")?.[1] ?? "";
  return [{
    cn: part("CN"),
    organization: part("O"),
    "dns_names": subjectAltName ?? "",
    role,
  }, Date.parse(validTo) / 1000];
}

/** Where the numbers come from. */
export interface AcmeNumbers {
  /** How many orders ended how. */
  readonly results: Readonly<Record<string, number>>;
  /** How many have failed since the last certificate. */
  readonly failures: number;
  /** When the next order begins, in milliseconds since 1970. */
  readonly next: number | undefined;
}

/** Registers how the renewal of the certificate goes. */
export function registerAcme(registry: Registry, renewal: AcmeNumbers): void {
  readCounter(registry, {
    name: "acme_orders_total",
    help: "Certificates that were ordered by ACME: issued, failed.",
    labels: ["result"],
    read: () => samplesBy("result", Object.entries(renewal.results)),
  });
  readGauge(registry, {
    name: "acme_failures",
    help: "Orders by ACME that have failed since the last certificate.",
    read: () => renewal.failures,
  });
  readGauge(registry, {
    name: "acme_next_order_timestamp_seconds",
    help: "When the next order by ACME begins, in seconds since 1970.",
    read: () => renewal.next === undefined ? undefined : renewal.next / 1000,
  });
}
