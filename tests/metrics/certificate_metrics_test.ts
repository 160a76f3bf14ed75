/** @module */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { registerCertificates } from "../../src/metrics/certificate_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { parseMetrics } from "../testing/metrics_text.ts";

Deno.test("registerCertificates() tells when each certificate expires, and whose it is", async () => {
  const authority = await createTestAuthority();
  const notAfter = new Date(Date.UTC(2099, 0, 2, 3, 4, 5));
  const { cert } = await authority.issue(["shop.test", "127.0.0.1"], {
    notAfter,
  });
  const registry = createRegistry({ version: "1", commit: "", time: "" });

  registerCertificates(registry, { server: cert, resign_ca: authority.ca });

  const samples = parseMetrics(await registry.metrics())
    .get("sallyport_cert_expiry_timestamp_seconds")?.samples ?? [];
  assert.deepEqual(samples.map(({ labels }) => labels), [
    {
      cn: "Sallyport test origin",
      dns_names: "DNS:shop.test, IP Address:127.0.0.1",
      organization: "",
      role: "server",
    },
    {
      cn: "Sallyport test authority",
      dns_names: "",
      organization: "",
      role: "resign_ca",
    },
  ]);
  assert.equal(samples[0]?.value, notAfter.getTime() / 1000);
  const [, ca] = samples;
  const { validTo } = new X509Certificate(authority.ca);
  assert.equal(ca?.value, Date.parse(validTo) / 1000);
});
