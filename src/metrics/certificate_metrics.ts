import { X509Certificate } from "node:crypto";
import { readGauge, type Sample } from "./read_metrics.ts";
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
    new RegExp(`^${name}=(.*)$`, "m").exec(subject)?.[1] ?? "";
  return [{
    cn: part("CN"),
    organization: part("O"),
    "dns_names": subjectAltName ?? "",
    role,
  }, Date.parse(validTo) / 1000];
}
