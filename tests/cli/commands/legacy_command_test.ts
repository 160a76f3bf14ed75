import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../../src/config/options/client_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import { temporaryFile } from "../../config/fixtures.ts";
import { sallyport } from "../harness.ts";

const OLD = `user: jane
api-key: s3cr3t
tunnel-identifier: foo
shared-tunnel: true
no-remove-colliding-tunnels:
dns: 10.0.0.53,10.0.0.54
direct-domains: .example.com,www.test,*.cdn.test
no-ssl-bump-domains: [pinned.test]
fast-fail-regexps: '^ads\\.'
proxy: proxy.test:3128
proxy-userpwd: me:s3cr3t-way
pac-auth: you:s3cr3t-pac@other.test:80
proxy-tunnel: true
status-address: :8032
scproxy-port: 8080
verbose: 2
logfile: /tmp/sc.log
pidfile: /tmp/sc.pid
readyfile: /tmp/sc.ready
`;

const NEW = `# pidfile is dropped: a service manager knows it.
# readyfile is dropped: use /readyz of api-address, or sallyport ready.
# The Sallyport server.
# server: https://host:port
username: jane
access-key: s3cr3t
tunnel-name: foo
shared: all
tunnel-pool: true
dns-server: 10.0.0.53,10.0.0.54
direct-domains:
  - \\.example\\.com$
  - ^www\\.test$
  - \\.cdn\\.test$
tls-passthrough-domains:
  - ^pinned\\.test$
deny-domains:
  - ^ads\\.
proxy: proxy.test:3128
auth:
  - me:s3cr3t-way@proxy.test:3128
  - you:s3cr3t-pac@other.test:80
proxy-server: me:s3cr3t-way@proxy.test:3128
api-address: :8032
debug-address: 127.0.0.1:8080
log-level: debug
log-http:
  - headers
log-file: /tmp/sc.log
`;

async function legacy(text: string) {
  await using file = await temporaryFile("sc.yaml", text);
  const { code, stdout, stderr } = await sallyport(["legacy", file.path]);
  return { code, stdout, stderr: stderr.replaceAll(file.path, "sc.yaml") };
}

Deno.test("legacy translates a file of Sauce Connect 4", async () => {
  assert.deepEqual(await legacy(OLD), { code: 0, stdout: NEW, stderr: "" });
});

Deno.test("run reads what legacy prints", async () => {
  const { stdout } = await legacy(OLD);
  await using file = await temporaryFile("new.yaml", stdout);

  const { values } = await collectOptions(CLIENT_FIELDS, {
    args: [`--config-file=${file.path}`, "--server=lab.test"],
    environment: () => undefined,
  });
  const config = validateOptions(CLIENT_FIELDS, values);

  assert.equal(config.tunnelName, "foo");
  assert.equal(config.tunnelPool, true);
  assert.deepEqual(config.apiAddress, { hostname: "0.0.0.0", port: 8032 });
  assert.deepEqual(config.directDomains, [
    "\\.example\\.com$",
    "^www\\.test$",
    "\\.cdn\\.test$",
  ]);
});

const ERRORS: readonly (readonly [string, string])[] = [
  [
    "capath: /etc/ssl",
    'Cannot translate "capath": list the files of that folder in cacert-file, and remove it here',
  ],
  [
    "no-proxy: a.test",
    'Cannot translate "no-proxy": use a pac script that returns "DIRECT" for these hosts, and remove it here',
  ],
  [
    "fast-fail-regexps: ads.test/pixel",
    'Cannot translate "ads.test/pixel" in "fast-fail-regexps": it matches URLs but deny-domains matches hosts, write only the host',
  ],
  [
    "fast-fail-regexps: 'pixel\\?id'",
    'Cannot translate "pixel\\?id" in "fast-fail-regexps": it matches URLs but deny-domains matches hosts, write only the host',
  ],
  [
    "no-ssl-bump-domains: pinned.test:443",
    'Cannot translate "pinned.test:443" in "no-ssl-bump-domains": expected a host name without scheme, port and path',
  ],
  [
    "auth: s3cr3t",
    'Cannot translate a value of "auth": expected host:port:user:password',
  ],
  [
    "{proxy: proxy.test:3128, pac: 'http://a.test/pac'}",
    'Cannot translate "proxy" together with "pac": they are mutually exclusive, return the proxy from the script',
  ],
  [
    "proxy-userpwd: me:s3cr3t",
    'Cannot translate "proxy-userpwd": it requires "proxy", which is not set, set it or remove this one',
  ],
  [
    "usr: jane",
    'Cannot translate "usr": Sauce Connect 4 has no such option, did you mean "user"?',
  ],
  [
    "status-address: nowhere",
    'Cannot use "nowhere" as api-address: expected host:port or :port',
  ],
  [
    "user: {a: b}",
    'Cannot use user in "sc.yaml": expected lines of the form "option: value"',
  ],
  [
    "- user",
    'Cannot use "sc.yaml": expected lines of the form "option: value"',
  ],
];

for (const [text, line] of ERRORS) {
  Deno.test(`legacy prints what to do about "${text}"`, async () => {
    const stderr = `sallyport: ${line}\n`;
    assert.deepEqual(await legacy(text), { code: 1, stdout: "", stderr });
  });
}

for (
  const [args, line] of [
    [
      [],
      'Cannot translate: the file is missing, use "sallyport legacy sc.yaml"',
    ],
    [["a", "b"], 'Cannot use "b": unexpected argument, see --help'],
    [["--file"], 'Cannot use "--file": unexpected argument, see --help'],
  ] as const
) {
  Deno.test(`"legacy ${args.join(" ")}" prints one line`, async () => {
    const stderr = `sallyport: ${line}\n`;
    const outcome = await sallyport(["legacy", ...args]);
    assert.deepEqual(outcome, { code: 1, stdout: "", stderr });
  });
}
