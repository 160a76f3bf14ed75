/**
 * Promise: impossible settings are refused at the start, in one line, before
 * anything is made or sent.
 */
import assert from "node:assert/strict";
import { createTestAuthority } from "../testing/certs.ts";
import { type Exit, run, runProgram } from "../testing/process.ts";
import { ANY_PORTS, temporaryDirectory } from "./programs.ts";

/** A command that cannot work. `DIR` stands for a directory of the test's own. */
interface Mistake {
  readonly what: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** The one line on standard error. */
  readonly says: string;
}

const CLIENT = [
  "run",
  "--server=https://127.0.0.1:1",
  "--username=demo",
  "--access-key=k",
  "--tunnel-name=lab",
] as const;
const SERVER = ["server", ...ANY_PORTS, "--data-dir=DIR/data"] as const;

const NOT_A_CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const NOT_A_KEY =
  "-----BEGIN PRIVATE KEY-----\nU2VjcmV0\n-----END PRIVATE KEY-----\n";

const WORDS: readonly Mistake[] = [
  {
    what: "a misspelt command",
    args: ["rnu"],
    says: 'Cannot run "rnu": no such command, did you mean "run"?',
  },
  {
    what: "a misspelt flag of run",
    args: [...CLIENT, "--tunel-connections=2"],
    says:
      'Cannot use "--tunel-connections": no such option, did you mean "--tunnel-connections"?',
  },
  {
    what: "a misspelt flag of server",
    args: [...SERVER, "--proxy-adress=127.0.0.1:0"],
    says:
      'Cannot use "--proxy-adress": no such option, did you mean "--proxy-address"?',
  },
  {
    what: "a misspelt flag of demo",
    args: ["demo", "--onec"],
    says: 'Cannot use "--onec": unexpected argument, did you mean "--once"?',
  },
  {
    what: "nothing that is required",
    args: ["run"],
    says:
      "Cannot start without --server, --username, --access-key, --tunnel-name: not set, use the flags, " +
      "SALLYPORT_SERVER, SALLYPORT_USERNAME, SALLYPORT_ACCESS_KEY, SALLYPORT_TUNNEL_NAME or --config-file",
  },
  {
    what: "a tunnel name with a space",
    args: [...CLIENT, "--tunnel-name=my lab"],
    says:
      'Cannot use "my lab" as --tunnel-name: expected 1 to 255 visible ASCII characters without a colon',
  },
  {
    what: "a list of domains that only excludes",
    args: [...CLIENT, "--deny-domains=-shop"],
    says:
      'Cannot use "-shop" as --deny-domains: every entry excludes, name some to include, or all',
  },
  {
    what: "domains that are no regular expression",
    args: [...CLIENT, "-D", "a(b"],
    says:
      'Cannot use "a(b" as -D: invalid regular expression "a(b": missing closing ): `a(b`',
  },
  {
    what: "two rules that exclude each other",
    args: [...CLIENT, "-T", "a", "--direct-domains=b"],
    says:
      "Cannot use -T together with --direct-domains: they are mutually exclusive, set one of them",
  },
  {
    what: "hosts to open together with hosts to pass",
    args: [...CLIENT, "--tls-resign-domains=a", "-B", "b"],
    says:
      "Cannot use --tls-resign-domains together with -B: they are mutually exclusive, set one of them",
  },
  {
    what: "a proxy together with a PAC",
    args: [...CLIENT, "--proxy=proxy.test:3128", "--pac=data:,"],
    says:
      "Cannot use --proxy together with --pac: they are mutually exclusive, set one of them",
  },
  {
    what: "a proxy that is none, whose password is not repeated",
    args: [...CLIENT, "--proxy=ftp://jane:s3cr3t@proxy.test"],
    says:
      'Cannot use "ftp://jane:xxxxx@proxy.test" as --proxy: expected [http|https|socks5://][user:password@]host:port',
  },
  {
    what: "credentials for nothing, which are not repeated",
    args: [...CLIENT, "--auth=jane:s3cr3t"],
    says:
      'Cannot use "jane:xxxxx" as --auth: expected user:password@host:port, with * for any host or any port',
  },
  {
    what: "a server without TLS",
    args: [...CLIENT, "--server=http://lab.test:8443"],
    says:
      'Cannot use "http://lab.test:8443" as --server: expected https://host:port, without a path',
  },
  {
    what: "an address that is none",
    args: [...SERVER, "--address=nonsense"],
    says: 'Cannot use "nonsense" as --address: expected host:port or :port',
  },
  {
    what: "a key among the users without its name, which is not repeated",
    args: [...SERVER, "--users=s3cr3t"],
    says: 'Cannot use "xxxxx" as --users: expected name:value',
  },
];

const FILES: readonly Mistake[] = [
  {
    what: "a configuration file that is not there",
    args: ["run", "--config-file=DIR/no.yaml"],
    says: 'Cannot read the configuration file "DIR/no.yaml": no such file',
  },
  {
    what: "a directory as configuration file",
    args: ["run", "--config-file=DIR"],
    says: 'Cannot read the configuration file "DIR": it is a directory',
  },
  {
    what: "broken YAML",
    args: ["run", "--config-file=DIR/a.yaml"],
    files: {
      "a.yaml": "username: demo\ntunnel-name: [lab\naccess-key: s3cr3t\n",
    },
    says:
      'Cannot read "DIR/a.yaml": flow sequence in block collection must be sufficiently indented and end with a ] at line 3, column 1',
  },
  {
    what: "a misspelt key in a file",
    args: ["run", "--config-file=DIR/a.yaml"],
    files: { "a.yaml": "tunel-name: lab\n" },
    says:
      'Cannot use "tunel-name" in "DIR/a.yaml", line 1: no such option, did you mean "tunnel-name"?',
  },
  {
    what: "a bad value in a file",
    args: [...CLIENT, "--config-file=DIR/a.yaml"],
    files: { "a.yaml": "tunnel-connections: many\n" },
    says:
      'Cannot use "many" as tunnel-connections in "DIR/a.yaml", line 1: expected a whole number from 1 to 64',
  },
  {
    what: "a CA file that is not there",
    args: [...CLIENT, "--cacert-file=DIR/ca.pem"],
    says: 'Cannot read the certificate file "DIR/ca.pem": no such file',
  },
  {
    what: "a CA file without a certificate",
    args: [...CLIENT, "--cacert-file=DIR/ca.pem"],
    files: { "ca.pem": "garbage\n" },
    says:
      'Cannot read a certificate from "DIR/ca.pem": it contains none, use the PEM format',
  },
  {
    what: "a certificate file that is not there",
    args: [...SERVER, "--tls-cert-file=DIR/c.pem", "--tls-key-file=DIR/k.pem"],
    files: { "k.pem": NOT_A_KEY },
    says: 'Cannot read the certificate file "DIR/c.pem": no such file',
  },
  {
    what: "a key file without a key, which is not repeated",
    args: [...SERVER, "--tls-cert-file=DIR/c.pem", "--tls-key-file=DIR/k.pem"],
    files: { "c.pem": NOT_A_CERTIFICATE, "k.pem": "s3cr3t\n" },
    says:
      'Cannot read a private key from "DIR/k.pem": it contains none, use the PEM format',
  },
  {
    what: "a certificate without its key",
    args: [...SERVER, "--tls-cert-file=DIR/c.pem"],
    files: { "c.pem": NOT_A_CERTIFICATE },
    says:
      "Cannot use --tls-cert-file alone: a certificate needs its key, set --tls-key-file",
  },
];

Deno.test.each([...WORDS, ...FILES])(
  "$what is refused in one line",
  async (mistake) => {
    await using directory = await temporaryDirectory();

    const { code, stdout, stderr } = await refusal(mistake, directory.path);

    assert.equal(stderr, `sallyport: ${mistake.says}\n`);
    assert.equal(stdout, "", "not even the log was begun");
    assert.equal(code, 1);
    assert.deepEqual(
      await namesIn(directory.path),
      Object.keys(mistake.files ?? {}).sort(),
      "nothing was made",
    );
  },
);

Deno.test("a certificate and a key that do not make a pair are refused in one line", async () => {
  const authority = await createTestAuthority();
  const [good, other] = await Promise.all([
    authority.issue(["localhost"]),
    authority.issue(["localhost"]),
  ]);
  const pairs = [
    [NOT_A_CERTIFICATE, good.key, "the certificate cannot be read"],
    [good.cert, NOT_A_KEY, "the key cannot be read"],
    [good.cert, other.key, "the key belongs to another certificate"],
  ] as const;
  for (const [cert, key, reason] of pairs) {
    await using directory = await temporaryDirectory();
    const { code, stdout, stderr } = await refusal({
      args: [
        ...SERVER,
        "--tls-cert-file=DIR/c.pem",
        "--tls-key-file=DIR/k.pem",
      ],
      files: { "c.pem": cert, "k.pem": key },
    }, directory.path);

    assert.equal(
      stderr,
      `sallyport: Cannot use the certificate of the server: ${reason}, give a certificate and its key in PEM\n`,
    );
    assert.equal(code, 1);
    assert.doesNotMatch(stdout, /listen|REST API/);
  }
});

async function namesIn(directory: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map(({ name }) => name).sort();
}

async function refusal(
  { args, files = {} }: Pick<Mistake, "args" | "files">,
  directory: string,
): Promise<Exit> {
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${directory}/${name}`, content);
  }
  const { code, stdout, stderr } = await runProgram(
    args.map((arg) => arg.replace("DIR", directory)),
  );
  return { code, stdout, stderr: stderr.replaceAll(directory, "DIR") };
}

Deno.test("a data directory that is a file is refused in one line", async () => {
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/file`;
  await Deno.writeTextFile(file, "");

  const { code, stderr } = await runProgram([
    "server",
    ...ANY_PORTS,
    `--data-dir=${file}`,
  ]);

  assert.deepEqual([code, stderr], [
    1,
    `sallyport: Cannot use the data directory "${file}": it is a file, choose another with --data-dir\n`,
  ]);
});

Deno.test.each(["server", "user"])(
  "%s requires a data directory where the home is unknown, and makes none",
  async (command) => {
    await using directory = await temporaryDirectory();
    const homeless = { HOME: "", XDG_DATA_HOME: "", DENO_DIR: await denoDir() };

    const { code, stderr } = await runProgram(
      command === "user" ? ["user", "list"] : ["server", ...ANY_PORTS],
      { cwd: directory.path, env: homeless },
    );

    assert.deepEqual([code, stderr], [
      1,
      "sallyport: Cannot start without --data-dir: not set, use the flag, SALLYPORT_DATA_DIR or --config-file\n",
    ]);
    assert.deepEqual(await namesIn(directory.path), []);
  },
);

/** Where the runtime keeps what it has downloaded, whatever HOME says. */
async function denoDir(): Promise<string> {
  const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(stdout).denoDir;
}
