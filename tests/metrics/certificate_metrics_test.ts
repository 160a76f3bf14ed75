/** @module */
import assert from "node:assert/strict";
import { registerCertificates } from "../../src/metrics/certificate_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { parseMetrics } from "../testing/metrics_text.ts";

const HOUR = 3_600_000;

Deno.test("registerCertificates() tells when each certificate expires, and whose it is", async () => {
  const authority = await createTestAuthority();
  const { cert } = await authority.issue(["shop.test", "127.0.0.1"], {
    notAfter: new Date(Date.now() + 36 * HOUR),
  });
  const registry = createRegistry({ version: "1", commit: "", time: "" });

  registerCertificates(
    registry,
    () => ({ server: cert, resign_ca: authority.ca }),
  );

  const samples = parseMetrics(await registry.metrics())
    .get("sallyport_days_until_cert_expiring")?.samples ?? [];
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
  const days = samples.map(({ value }) => value.toFixed(1));
  assert.deepEqual(days, ["1.5", "1.0"]);
});
