import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../../src/config/options/client_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import { temporaryFile } from "../../config/fixtures.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { finished, sallyport } from "../harness.ts";

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

/** Mistakes that have their place at their end. */
const LATE = /^Cannot (translate(?! "proxy" together)|use "nowhere")/;

for (const [text, line] of ERRORS) {
  Deno.test(`legacy prints what to do about "${text}"`, async () => {
    const place = LATE.test(line) ? ' ("sc.yaml", line 1)' : "";
    const stderr = `sallyport: ${line}${place}\n`;
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
    [["-v", "b"], 'Cannot use "b": unexpected argument, see --help'],
    [["--zzzzzz"], 'Cannot use "--zzzzzz": no such option, see --help'],
    [["--usr=a"], 'Cannot use "--usr": no such option, did you mean "--user"?'],
    [
      ["--user"],
      "Cannot use --user: it needs a value but nothing follows, write --user <value>",
    ],
  ] as const
) {
  Deno.test(`"legacy ${args.join(" ")}" prints one line`, async () => {
    const stderr = `sallyport: ${line}\n`;
    const outcome = await sallyport(["legacy", ...args]);
    assert.deepEqual(outcome, { code: 1, stdout: "", stderr });
  });
}

Deno.test("legacy says all mistakes of a file at once, with their lines", async () => {
  const { code, stderr } = await legacy(
    "user: jane\nusr: x\n\ncapath: /etc\nauth: s3cr3t\nstatus-address: x\n",
  );

  assert.equal(code, 1);
  assert.deepEqual(
    stderr.trimEnd().split("\n").map((line) => line.replace(/:.*\(/, "… (")),
    [
      'sallyport… ("sc.yaml", line 2)',
      'sallyport… ("sc.yaml", line 4)',
      'sallyport… ("sc.yaml", line 5)',
      'sallyport… ("sc.yaml", line 6)',
    ],
  );
  assert.doesNotMatch(stderr, /s3cr3t/);
});

for (const name of ["username", "access_key", "log-level"]) {
  Deno.test(`legacy says that a file with ${name} is of a later version`, async () => {
    assert.deepEqual(await legacy(`tunnel-pool: true\n${name}: info\n`), {
      code: 1,
      stdout: "",
      stderr: 'sallyport: Cannot translate "sc.yaml", line 2: this is a file ' +
        "of Sauce Connect 5 or Sallyport, use " +
        '"sallyport run --config-file sc.yaml"\n',
    });
  });
}

/** What the client is started with. */
async function startedWith(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ClientOptions> {
  let options: ClientOptions | undefined;
  const { code, stderr } = await sallyport(["legacy", ...args], {
    variables,
    services: {
      startClient: (given) => {
        options = given;
        return Promise.resolve(finished());
      },
    },
  });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(options);
  return options;
}

Deno.test("legacy opens a tunnel as the Jenkins plugin starts it", async () => {
  await using log = await temporaryFile("sc.log", "");

  const options = await startedWith([
    ...["--user", "jane", "--api-key", "s3cr3t"],
    ...["--status-address", "0.0.0.0:9000", "-i", "lab", "-s", "-v"],
    ...["--direct-domains", ".a.test,b.test", "--se-port", "0"],
    ...["--extra-info", '{"runner": "jenkins"}', "-l", log.path],
  ], { SAUCE_SERVER: "lab.test", SALLYPORT_USERNAME: "other" });
  const lines = await Deno.readTextFile(log.path);

  assert.partialDeepStrictEqual(options, {
    server: "https://lab.test",
    username: "jane",
    accessKey: "s3cr3t",
    tunnelName: "lab",
    shared: "all",
    apiAddress: { hostname: "0.0.0.0", port: 9000 },
    directDomains: ["\\.a\\.test$", "^b\\.test$"],
  });
  assert.match(lines, /option of Sauce Connect 4 is dropped name=se-port /);
  assert.match(lines, /option of Sauce Connect 4 is dropped name=extra-info /);
  assert.doesNotMatch(lines, /s3cr3t/);
});

Deno.test("legacy starts from a file of Sauce Connect 4, and flags come first", async () => {
  await using log = await temporaryFile("sc.log", "");
  await using file = await temporaryFile(
    "sc.yaml",
    "user: jane\napi-key: s3cr3t\ntunnel-identifier: a\nproxy: p.test:1\n" +
      "proxy-userpwd: me:pw\nfast-fail-regexps: ['^a{1,2}$']\n",
  );

  const options = await startedWith([
    ...["-c", file.path, "-i", "b", "--server=lab.test", "-l", log.path],
    ...["--tls-resign-domains=all"],
  ]);

  assert.partialDeepStrictEqual(options, {
    username: "jane",
    tunnelName: "b",
    denyDomains: ["^a{1,2}$"],
    tlsResignDomains: ["all"],
    credentials: [{ username: "me", password: "pw", hostname: "p.test" }],
  });
});

Deno.test("legacy names flags as they were written, and all that is wrong", async () => {
  const { code, stderr } = await sallyport([
    ...["legacy", "-u", "jane", "-x", "https://a.test/rest/v1"],
    ...["--status-address", "9000"],
  ]);
  const missing = await sallyport(["legacy", "-u", "jane", "-k", "k"]);

  assert.equal(code, 1);
  assert.equal(
    stderr,
    'sallyport: Cannot translate "rest-url": set server to the address of ' +
      "your server, and remove it here\n" +
      'sallyport: Cannot use "9000" as api-address: expected host:port or ' +
      ':port, did you mean "127.0.0.1:9000"?\n',
  );
  assert.equal(
    missing.stderr,
    "sallyport: Cannot start without --server, --tunnel-name: not set, use " +
      "the flags, SALLYPORT_SERVER, SALLYPORT_TUNNEL_NAME or --config-file\n",
  );
});

Deno.test("legacy writes the translation of flags to a file, for this user only", async () => {
  await using file = await temporaryFile("new.yaml", "");
  await Deno.remove(file.path);

  const { code, stdout } = await sallyport([
    ...["legacy", "-u", "jane", "-k", "s3cr3t", "-F", "^ads", "-d", "x.pid"],
    ...["--output-config-file", file.path],
  ]);

  assert.deepEqual([code, stdout], [0, ""]);
  assert.equal(
    await Deno.readTextFile(file.path),
    `# pidfile is dropped: a service manager knows it.
# The Sallyport server.
# server: https://host:port
# Sauce Connect 4 intercepted the TLS of all sites. To do the same:
# tls-resign-domains: all
username: jane
access-key: s3cr3t
deny-domains:
  - ^ads
`,
  );
  if (Deno.build.os !== "windows") {
    assert.equal(((await Deno.stat(file.path)).mode ?? 0) & 0o777, 0o600);
  }
});
