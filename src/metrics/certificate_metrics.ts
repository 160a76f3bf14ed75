/**
 * How long a certificate is still valid.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

const DAY = 24 * 3_600_000;

/** Registers the days until the first certificate in `pem` expires; negative once it has. */
export function registerCertificate(registry: Registry, pem: string): void {
  const certificate = new X509Certificate(pem);
  const expires = Date.parse(certificate.validTo);
  const labels = {
    cn: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "",
    "dns_names": certificate.subjectAltName ?? "",
  };
  new Gauge({
    name: `${PREFIX}days_until_cert_expiring`,
    help: "Days until the certificate that clients and browsers see expires.",
    labelNames: ["cn", "dns_names"],
    registers: [registry],
    collect() {
      this.set(labels, (expires - Date.now()) / DAY);
    },
  });
}
