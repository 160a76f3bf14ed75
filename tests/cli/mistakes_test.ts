/* The mistakes of a configuration come all at once, with their places. */
import assert from "node:assert/strict";
import { temporaryFile } from "../config/fixtures.ts";
import { sallyport } from "./harness.ts";

/** The lines of standard error without the program's name and the folder of `path`. */
async function told(
  args: readonly string[],
  { path = "", variables = {} }: {
    readonly path?: string;
    readonly variables?: Readonly<Record<string, string>>;
  } = {},
): Promise<readonly string[]> {
  const { code, stdout, stderr } = await sallyport(args, { variables });
  assert.deepEqual([code, stdout], [1, ""]);
  const folder = path.replace(/[^/]*$/, "");
  return stderr.trimEnd().split("\n").map((line) =>
    line.replace(/^sallyport: /, "").replaceAll(folder || "\0", "")
  );
}

const FILES = {
  "c.yaml": `server: https://lab.test:8443
username: jane
access-key: s3cr3t
tunnel_nam: lab
log-level: warn
http-dial-timeout: 30d
header:
  - "A: 1"
  - "Accept Language: s3cr3t"
  - "B: 2"
inspector-memory: 1MB
proxy: [a]
api-address: 8032
`,
  "c.json": `{
  "server": "https://lab.test:8443",
  "username": "jane",
  "access-key": "s3cr3t", "tunnel_nam": "lab",
  "log-level": "warn",
  "http-dial-timeout": "30d",
  "header": [
    "A: 1", "Accept Language: s3cr3t",
    "B: 2"
  ],

  "inspector-memory": "1MB",
  "proxy": ["a"],
  "api-address": 8032
}`,
  "c.toml": `server = "https://lab.test:8443"
username = "jane"
access-key = "s3cr3t"
tunnel_nam = "lab"
log-level = "warn"
http-dial-timeout = "30d"
header = [
  "A: 1",
  "Accept Language: s3cr3t",
  "B: 2",
]
inspector-memory = "1MB"
proxy = ["a"]
api-address = 8032
`,
} as const;

/** The lines of `tunnel_nam`, `log-level`, … in each file. */
const LINES = {
  "c.yaml": [4, 5, 6, 9, 11, 12, 13],
  "c.json": [4, 5, 6, 8, 12, 13, 14],
  "c.toml": [4, 5, 6, 7, 12, 13, 14],
} as const;

for (const name of ["c.yaml", "c.json", "c.toml"] as const) {
  Deno.test(`all mistakes of ${name}, of variables and of flags are said at once, with their lines`, async () => {
    await using file = await temporaryFile(name, FILES[name]);
    const at = LINES[name].map((line) => `in "${name}", line ${line}`);

    const lines = await told(
      [
        "run",
        `--config-file=${file.path}`,
        "--log-http=proxy:url,proxy:bdy",
        "--tunel-pool",
        "-i",
      ],
      { path: file.path, variables: { SAUCE_DNS_TIMEOUT: "5" } },
    );

    assert.deepEqual(
      lines.toSorted(),
      [
        'Cannot use "--tunel-pool": no such option, did you mean "--tunnel-pool"?',
        "Cannot use -i: it needs a value but nothing follows, write -i <value>",
        `Cannot use "tunnel_nam" ${
          at[0]
        }: no such option, did you mean "tunnel-name"?`,
        `Cannot use proxy ${at[5]}: expected one value`,
        `Cannot use "Accept Language:xxxxx" as value 2 of header ${
          at[3]
        }: expected Name: value, Name;, -Name, -Name* or %Name`,
        `Cannot use "warn" as log-level ${
          at[1]
        }: expected error, info or debug, did you mean "info"?`,
        'Cannot use "proxy:bdy" as value 2 of --log-http: expected one of none, ' +
        "short-url, url, headers, body, errors, after api:, proxy:, control: or alone, " +
        'did you mean "body"?',
        'Cannot use "5" as SAUCE_DNS_TIMEOUT: expected a duration such as 30s ' +
        'or 1m30s, did you mean "5s"?',
        `Cannot use "30d" as http-dial-timeout ${
          at[2]
        }: expected a duration such as 30s or 1m30s, did you mean "720h"?`,
        `Cannot use "1MB" as inspector-memory ${
          at[4]
        }: expected a size in bytes such as 512Ki or 1Mi, did you mean "1Mi"?`,
        `Cannot use "8032" as api-address ${
          at[6]
        }: expected host:port or :port, did you mean "127.0.0.1:8032"?`,
      ].toSorted(),
    );
  });
}

Deno.test("what is missing is said beside what is wrong, unless a misspelt name may be it", async () => {
  const wrong = 'Cannot use "x" as --shutdown-timeout: expected a duration ' +
    "such as 30s or 1m30s";
  const args = ["run", "--shutdown-timeout=x", "-k=k", "-u=u", "-i=i"];

  assert.deepEqual(await told(args), [
    wrong,
    "Cannot start without --server: not set, use the flag, SALLYPORT_SERVER " +
    "or --config-file",
  ]);
  assert.deepEqual(await told([...args, "--servr=https://a.test"]), [
    'Cannot use "--servr": no such option, did you mean "--server"?',
    wrong,
  ]);
});

Deno.test("nothing is called missing that may be in a file that cannot be read", async () => {
  await using file = await temporaryFile("c.yaml", "server: 'a\n");

  const lines = await told(["run", "-c", file.path, "--log-format=xml"]);

  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[0] ?? "", /^Cannot read "/);
  assert.match(lines[1] ?? "", /^Cannot use "xml" as --log-format/);
});

Deno.test("a file full of mistakes makes twenty lines", async () => {
  const keys = Array.from({ length: 500 }, (_, at) => `zzzzzzzz${at}: 1\n`);
  await using file = await temporaryFile("c.yaml", keys.join(""));

  const lines = await told(["run", "--config-file", file.path]);

  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1), "There are 480 more mistakes");
});

Deno.test("all files that cannot be used, and all pairs that exclude each other, are named", async () => {
  const lines = await told([
    ...["run", "--server=https://a.test", "-u=u", "-k=k", "-i=i"],
    ...["--cacert-file=/no/a.pem,/no/b.pem", "--hosts-file=/no/hosts"],
    ...["--pac=/no/a.pac", "--inspector"],
  ]);
  const pairs = await told([
    ...["run", "--proxy=a:1", "--pac=/no/a.pac", "-T=a", "-D=b", "-b=a"],
    ...["-B=b", "--server=https://a.test", "-u=u", "-k=k", "-i=i"],
  ]);

  assert.deepEqual(lines, [
    "Cannot use --inspector without --api-address: the status API serves its " +
    "pages, set an address such as 127.0.0.1:8032",
    'Cannot read the certificate file "/no/a.pem": no such file',
    'Cannot read the certificate file "/no/b.pem": no such file',
    'Cannot read the hosts file "/no/hosts": no such file',
    'Cannot read the PAC file "/no/a.pac": no such file',
  ]);
  assert.deepEqual(pairs.map((line) => line.split(":")[0]), [
    "Cannot use --proxy together with --pac",
    "Cannot use -b together with -B",
    "Cannot use -T together with -D",
  ]);
});

Deno.test("the server says all mistakes at once too", async () => {
  const lines = await told([
    "server",
    "--address=8443",
    "--shutdown-timeout=1d",
    "--tls-cert-file=/no/cert.pem",
  ]);
  const files = await told([
    "server",
    "--data-dir=/no/data",
    "--tls-cert-file=/no/cert.pem",
    "--resign-ca-cert-file=/no/ca.pem",
  ]);

  assert.deepEqual(lines.map((line) => line.replace(/expected.*, /, "")), [
    'Cannot use "8443" as --address: did you mean "127.0.0.1:8443"?',
    'Cannot use "1d" as --shutdown-timeout: did you mean "24h"?',
  ]);
  assert.equal(files.length, 2, files.join("\n"));
  assert.match(files[0] ?? "", /--tls-/);
  assert.match(files[1] ?? "", /--resign-ca-/);
});

Deno.test("keys of a file may have underscores, and no option may be set twice", async () => {
  await using good = await temporaryFile(
    "c.yaml",
    "tunnel_name: lab\naccess_key: k\nlog_level: nonsense\n",
  );
  await using twice = await temporaryFile(
    "c.toml",
    'tunnel-name = "a"\ntunnel_name = "b"\n[[plugins]]\nuse = "a"\n[notes]\n',
  );

  assert.deepEqual(
    await told(["run", "-c", good.path], { path: good.path }),
    [
      'Cannot use "nonsense" as log_level in "c.yaml", line 3: expected error, ' +
      "info or debug",
      "Cannot start without --server, --username: not set, use the flags, " +
      "SALLYPORT_SERVER, SALLYPORT_USERNAME or --config-file",
    ],
  );
  assert.deepEqual(
    await told(["run", "-c", twice.path], { path: twice.path }),
    [
      'Cannot use tunnel_name in "c.toml", line 2: "tunnel-name" is set twice, ' +
      "remove one of them",
      'Cannot use "notes" in "c.toml", line 5: no such option, see config-file ' +
      "for all options",
    ],
  );
});

Deno.test("run says that a file is one of Sauce Connect 4", async () => {
  await using file = await temporaryFile(
    "sc4.yaml",
    "# sample\nproxy-localhost: true\napi-key: s3cr3t\nuser: jane\nse-port: 0\n",
  );

  assert.deepEqual(await told(["run", "-c", file.path], { path: file.path }), [
    'Cannot use "sc4.yaml", line 3: this is a file of Sauce Connect 4, ' +
    'translate it with "sallyport legacy sc4.yaml"',
  ]);
});

Deno.test("one old name in a file of ours is a mistake of its own", async () => {
  await using file = await temporaryFile(
    "c.yaml",
    "username: jane\nlogfile: a.log\n",
  );

  assert.deepEqual(await told(["run", "-c", file.path], { path: file.path }), [
    'Cannot use "logfile" in "c.yaml", line 2: no such option, did you mean ' +
    '"log-file"?',
  ]);
});
