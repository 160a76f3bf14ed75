import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../src/config/options/client_config.ts";
import { changedOptions, configz } from "../../src/config/configz.ts";
import { collectOptions, validateOptions } from "../../src/config/load.ts";
import { SERVER_FIELDS } from "../../src/config/options/server_config.ts";

const environment = () => undefined;

Deno.test("configz() shows every option of the client and no secret", async () => {
  const { values } = await collectOptions(CLIENT_FIELDS, {
    args: [
      "--server=lab.example",
      "--username=jane",
      "--access-key=s3cr3t",
      "--tunnel-name=a,b",
      "--tunnel-connections=2",
      "--api-address=:8032",
      "--api-basic-auth=probe:s3cr3t",
      "--cacert-file=data:base64,s3cr3t",
      "--cacert-file=/etc/ca.pem",
      "--header=X-Key: s3cr3t, a",
      "--metadata=runner=x,build=7,token=s3cr3t",
      "--plugin=a.ts,b.ts",
      "--plugin-permissions=pin_dns:net=10.0.0.53:53,10.0.0.54",
      '--plugins={"use":"a.ts","options":{"key":"s3cr3t"}}',
      "--proxy=jane:s3cr3t@proxy.test:3128",
      "--auth=jane:s3cr3t@*:443",
    ],
    environment,
  });

  const text = configz(CLIENT_FIELDS, validateOptions(CLIENT_FIELDS, values));

  assert.equal(
    text,
    [
      "access-key=xxxxx",
      "allow-npm-plugins=false",
      "allow-private-metadata=false",
      "allow-time-frame=",
      "api-address=0.0.0.0:8032",
      "api-basic-auth=probe:xxxxx",
      "api-idle-timeout=1h",
      "api-socket=",
      "auth=jane:xxxxx",
      "cacert-file=data:xxxxx,/etc/ca.pem",
      "config-file=",
      "connect-header=",
      "debug-address=",
      "dedicated-port=false",
      "deny-domains=",
      "direct-domains=",
      "dns-round-robin=false",
      "dns-server=",
      "dns-timeout=5s",
      "header=X-Key:xxxxx",
      "host-override=",
      "hosts-file=",
      "http-dial-attempts=3",
      "http-dial-backoff=1s",
      "http-dial-timeout=25s",
      "http-idle-conn-timeout=1m30s",
      "http-max-header-fields=4096",
      "http-max-header-size=256Ki",
      "http-response-header-timeout=0s",
      "http-tls-handshake-timeout=10s",
      "insecure-domains=",
      "inspector-bodies=64Ki",
      "inspector-memory=64Mi",
      "inspector=false",
      "log-file=",
      "log-format=text",
      "log-http=",
      "log-level=info",
      "metadata=runner=x,build=7,token=xxxxx",
      "pac=",
      "plugin-dir=",
      "plugin-permissions=pin_dns:net=10.0.0.53:53,10.0.0.54",
      "plugin-timeout=5s",
      "plugin=a.ts,b.ts",
      "plugins=xxxxx",
      "proxy-localhost=deny",
      "proxy-server=",
      "proxy=http://jane:xxxxx@proxy.test:3128",
      "read-limit=0",
      "region=",
      "response-header=",
      "server-fingerprint=",
      "server=https://lab.example",
      "shared=",
      "shutdown-timeout=3h",
      "tls-passthrough-domains=",
      "tls-resign-domains=",
      "tunnel-connections=2",
      "tunnel-domains=",
      "tunnel-max-concurrent-streams=256",
      "tunnel-name=a,b",
      "tunnel-ping-interval=5s",
      "tunnel-pool=false",
      "tunnel-transport=auto",
      "username=jane",
      "write-limit=0",
      "",
    ].join("\n"),
  );
});

Deno.test("changedOptions() shows what was set and no secret", async () => {
  const { values } = await collectOptions(SERVER_FIELDS, {
    args: ["--users=jane:s3cr3t,joe:s3cr3t:2", "--address=:443"],
    environment: (name) => name === "SAUCE_LOG_LEVEL" ? "debug" : undefined,
  });

  assert.deepEqual(changedOptions(SERVER_FIELDS, values), {
    address: ":443",
    users: "jane:xxxxx,joe:xxxxx",
    "log-level": "debug",
  });
});
