/**
 * Promise: the first line of `sallyport doctor` that fails names what is wrong.
 * The file for a bug report has no secret.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { databasePath } from "../../src/config/data_dir.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { sallyport } from "../cli/harness.ts";
import {
  createTestAuthority,
  type TestAuthority,
  type Validity,
} from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startProgram } from "../testing/process.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { USER } from "../testing/user.ts";
import {
  type ServerProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

/** A line of the report. */
interface Line {
  readonly check: string;
  readonly status: string;
  readonly text: string;
  readonly remedy?: string;
}

/** Runs the doctor as the client `lab` of a server. */
async function doctor(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly Line[]> {
  const { stdout, stderr } = await sallyport(["doctor", ...args, "--json"], {
    variables,
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

function client(
  { url, caFile }: Pick<ServerProgram, "url" | "caFile">,
  ...more: readonly string[]
): readonly string[] {
  return [
    `--server=${url}`,
    `--username=${USER.name}`,
    `--access-key=${USER.key}`,
    "--tunnel-name=lab",
    "--plugin-dir=none",
    ...caFile === "" ? [] : [`--cacert-file=${caFile}`],
    ...more,
  ];
}

/** The first line that fails, as `check: text`. */
function firstFault(lines: readonly Line[]): string {
  const found = lines.find(({ status }) => status === "fail");
  return found === undefined
    ? `no fault in ${JSON.stringify(lines)}`
    : `${found.check}: ${found.text}; ${found.remedy ?? ""}`;
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Serves pages over TLS with a certificate for such names. */
async function pretender(
  stack: AsyncDisposableStack,
  {
    names = ["127.0.0.1"],
    validity = {},
    authority,
    respond = () => new Response("a page", { status: 404 }),
  }: {
    readonly names?: readonly string[];
    readonly validity?: Validity;
    readonly authority?: TestAuthority;
    readonly respond?: () => Response;
  },
): Promise<Pick<ServerProgram, "url" | "caFile">> {
  const signer = authority ?? await createTestAuthority();
  const folder = stack.use(await temporaryDirectory());
  const caFile = join(folder.path, "ca.pem");
  await Deno.writeTextFile(caFile, signer.ca);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
    ...await signer.issue(names, validity),
  }, respond);
  stack.defer(() => server.shutdown());
  return { url: `https://127.0.0.1:${server.addr.port}`, caFile };
}

Deno.test("doctor finds nothing where nothing is wrong", async () => {
  await using server = await startServerProgram();

  const lines = await doctor(client(server));

  assert.deepEqual(
    lines.map(({ check, status }) => `${status} ${check}`),
    [
      ...["ok configuration", "ok DNS", "ok TCP", "ok clock", "ok TLS"],
      ...["ok REST API", "ok tunnel", "ok WebSocket fallback"],
    ],
    JSON.stringify(lines),
  );
  await server.process.event("tunnel ended");
});

Deno.test("the first line that fails names the fault of a client", async (t) => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram());
  const expired = new Date(Date.now() - 60_000);
  const faultOf = async (...args: readonly string[]) =>
    firstFault(await doctor(args));

  await t.step("a missing option", async () => {
    assert.match(
      await faultOf("--server=https://127.0.0.1:1"),
      /^configuration: Cannot start without --username, --access-key, --tunnel-name/,
    );
  });
  await t.step("a name that DNS does not have", async () => {
    assert.match(
      await faultOf(...client({ url: "https://lab.invalid", caFile: "" })),
      /^DNS: .*lab\.invalid/,
    );
  });
  await t.step("a closed port", async () => {
    const url = `https://127.0.0.1:${closedPort()}`;
    assert.match(
      await faultOf(...client({ url, caFile: "" })),
      /^TCP: Cannot connect to "127\.0\.0\.1:\d+": connection refused, check --server/,
    );
  });
  await t.step("a proxy that is down", async () => {
    const proxy = `--proxy-server=http://127.0.0.1:${closedPort()}`;
    assert.match(
      await faultOf(...client(server, proxy)),
      /^proxy to the server: .*127\.0\.0\.1:\d+.*--proxy-server/,
    );
  });
  await t.step("a proxy that wants another login", async () => {
    const proxy = stack.use(
      new TcpServer(async (conn) => {
        await conn.read(new Uint8Array(4096));
        await conn.write(bytesOf(
          "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic\r\n" +
            "Content-Length: 0\r\n\r\n",
        ));
      }),
    );
    const option = `--proxy-server=http://jane:s3cr3t@127.0.0.1:${proxy.port}`;
    const fault = await faultOf(...client(server, option));
    assert.match(fault, /^proxy to the server: .*user name and password/);
    assert.doesNotMatch(fault, /s3cr3t/);
  });
  await t.step("a CA that is not trusted", async () => {
    assert.match(
      await faultOf(...client({ ...server, caFile: "" })),
      /^TLS: .*certificate.*sallyport trust https:/s,
    );
  });
  await t.step("a clock that is wrong", async () => {
    const late = await pretender(stack, {
      respond: () => {
        const date = new Date(Date.now() - 3_600_000).toUTCString();
        return new Response("", { headers: { date } });
      },
    });
    assert.match(
      await faultOf(...client(late)),
      /^clock: This machine is 1h ahead of the server; set the clocks/,
    );
  });
  await t.step("a certificate for another name", async () => {
    const other = await pretender(stack, { names: ["other.test"] });
    assert.match(await faultOf(...client(other)), /^TLS: .*other\.test/);
  });
  await t.step("a certificate that has expired", async () => {
    const old = await pretender(stack, { validity: { notAfter: expired } });
    assert.match(await faultOf(...client(old)), /^TLS: .*expired/);
  });
  await t.step("a port that does not speak TLS", async () => {
    const plain = stack.use(
      new TcpServer(async (conn) => {
        await conn.read(new Uint8Array(4096));
        await conn.write(bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"));
      }),
    );
    const url = `https://127.0.0.1:${plain.port}`;
    assert.match(
      await faultOf(...client({ url, caFile: "" })),
      /^TLS: .*does not speak TLS/,
    );
  });
  await t.step("another server", async () => {
    assert.match(
      await faultOf(...client(await pretender(stack, {}))),
      /^REST API: .*no Sallyport server at that address, check --server/,
    );
  });
  await t.step("a wrong key", async () => {
    assert.match(
      await faultOf(...client(server, "--access-key=wr0ng")),
      /^REST API: Cannot log in: the server does not know this user with this key/,
    );
  });
  await t.step("a key that has expired", async () => {
    using accounts = openAccounts(databasePath(server.dataDir));
    const key = await accounts.addKey(USER.name, {
      name: "old",
      expiresAt: expired.getTime(),
    });
    assert.match(
      await faultOf(...client(server, `--access-key=${key}`)),
      /^REST API: .* expired at /,
    );
  });
});

/** Runs the doctor about a server, whose process has such limits. */
async function serverDoctor(
  args: readonly string[],
  limits: Parameters<typeof startProgram>[1] = {},
): Promise<readonly Line[]> {
  await using program = startProgram(
    ["doctor", ...args, "--server", "--json"],
    limits,
  );
  const { stdout, stderr } = await program.exit(60_000);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

const FREE_PORTS = [
  "--address=127.0.0.1:0",
  "--proxy-address=127.0.0.1:0",
];

Deno.test({
  ...needs("sh"),
  name: "the first line that fails names the fault of a server",
  async fn(t) {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryDirectory());
    const ports = [...FREE_PORTS, `--data-dir=${folder.path}`];

    await t.step("nothing", async () => {
      const server = stack.use(await startServerProgram());
      const lines = await serverDoctor([`--data-dir=${server.dataDir}`]);

      assert.match(firstFault(lines), /^no fault/);
      assert.ok(lines.some(({ text }) => /A server runs on this/.test(text)));
    });
    await t.step("a data directory that cannot be written", async () => {
      const file = join(folder.path, "file");
      await Deno.writeTextFile(file, "");
      assert.match(
        firstFault(
          await serverDoctor([...FREE_PORTS, `--data-dir=${file}/data`]),
        ),
        /^data directory: Cannot use .*; choose another with --data-dir/,
      );
    });
    await t.step("a full disk", async () => {
      assert.match(
        firstFault(
          await serverDoctor(ports, { fileBlocks: 64, survivesFullDisk: true }),
        ),
        /^disk: Cannot write 4 MiB in .*; make room on this disk/,
      );
    });
    await t.step("too few files", async () => {
      assert.match(
        firstFault(await serverDoctor(ports, { files: 200 })),
        /^file limit: The process can open \d+ more files; raise the limit/,
      );
    });
    await t.step("a certificate that has expired", async () => {
      const authority = await createTestAuthority();
      const { cert, key } = await authority.issue(["lab.test"], {
        notAfter: new Date(Date.now() - 2 * 24 * 3_600_000),
        notBefore: new Date(Date.now() - 3 * 24 * 3_600_000),
      });
      const [certFile, keyFile] = ["cert.pem", "key.pem"].map((name) =>
        join(folder.path, name)
      ) as [string, string];
      await Deno.writeTextFile(certFile, cert);
      await Deno.writeTextFile(keyFile, key);
      assert.match(
        firstFault(
          await serverDoctor([
            ...ports,
            `--tls-cert-file=${certFile}`,
            `--tls-key-file=${keyFile}`,
          ]),
        ),
        /^certificate: .* has expired at .*; renew the certificate/,
      );
    });
    await t.step("a port that another program has", async () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      assert.match(
        firstFault(
          await serverDoctor([
            `--data-dir=${folder.path}`,
            "--proxy-address=127.0.0.1:0",
            `--address=127.0.0.1:${listener.addr.port}`,
          ]),
        ),
        /^ports: Cannot listen on .*: the address is in use/,
      );
    });
  },
});

Deno.test("a file for a bug report has no secret, wherever it was set", async () => {
  await using folder = await temporaryDirectory();
  const at = (name: string) => join(folder.path, name);
  const secrets = {
    key: "s3cr3t-key-1",
    proxy: "s3cr3t/proxy 2",
    api: "s3cr3t-api-3",
    site: "s3cr3t-site-4",
    login: "s3cr3t-login-5",
  };
  await Deno.writeTextFile(
    at("lab.yaml"),
    `username: jane\nauth: ["jane:${secrets.site}@a.test:443"]\n`,
  );
  const proxy = encodeURIComponent(secrets.proxy);
  await Deno.mkdir(at("sallyport"));
  await Deno.writeTextFile(
    at("sallyport/logins.json"),
    JSON.stringify({
      current: "a",
      logins: {
        a: {
          server: "https://lab.invalid",
          username: "jane",
          accessKey: secrets.login,
          since: "",
        },
      },
    }),
    { mode: 0o600 },
  );
  const run = async (name: string, variables: Record<string, string>) => {
    const { code, stdout, stderr } = await sallyport([
      ...["doctor", "--tunnel-name=lab", `--config-file=${at("lab.yaml")}`],
      `--proxy-server=http://jane:${proxy}@127.0.0.1:${closedPort()}`,
      `--bundle=${at(name)}`,
    ], { variables: { XDG_CONFIG_HOME: folder.path, ...variables } });
    assert.equal(code, 1, stderr);
    return `${stdout}${stderr}${await Deno.readTextFile(at(name))}`;
  };

  const texts = [
    await run("a", {
      SALLYPORT_ACCESS_KEY: secrets.key,
      SALLYPORT_API_BASIC_AUTH: `probe:${secrets.api}`,
    }),
    await run("b", {}),
  ];

  for (const text of texts) {
    assert.match(text, /"tunnel-name=lab"/);
    assert.match(text, /proxy to the server/);
    for (const secret of [...Object.values(secrets), proxy]) {
      assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
  }
  assert.match(texts[1] ?? "", /# access-key: login \\"a\\"/);
  const again = await sallyport(["doctor", `--bundle=${at("a")}`]);
  assert.match(
    again.stderr,
    /Cannot write the file of --bundle .*exists already/,
  );
});
