import { X509Certificate } from "node:crypto";
import { Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Registers when the first certificate of each PEM expires, by role. */
export function registerCertificates(
  registry: Registry,
  certificates: Readonly<Record<string, string>>,
): void {
  const known = Object.entries(certificates)
    .map(([role, pem]) => factsOf(role, new X509Certificate(pem)));
  new Gauge({
    name: `${PREFIX}cert_expiry_timestamp_seconds`,
    help: "When a certificate expires, in seconds since 1970: the one that " +
      "clients and browsers see, and the CA that signs for opened hosts.",
    labelNames: ["cn", "dns_names", "organization", "role"],
    registers: [registry],
    collect() {
      for (const { labels, expires } of known) {
        this.set(labels, expires / 1000);
      }
    },
  });
}

function factsOf(
  role: string,
  { subject, subjectAltName, validTo }: X509Certificate,
): { readonly labels: Record<string, string>; readonly expires: number } {
  const part = (name: string) =>
    new RegExp(`^${name}=(.*)$`, "m").exec(subject)?.[1] ?? "";
  return {
    expires: Date.parse(validTo),
    labels: {
      cn: part("CN"),
      organization: part("O"),
      "dns_names": subjectAltName ?? "",
      role,
    },
  };
}
