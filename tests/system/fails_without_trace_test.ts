import assert from "node:assert/strict";
import { createTestAuthority } from "../testing/certs.ts";
import { runProgram } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import {
  ANY_PORTS,
  CLIENT_ENV,
  clientArgs,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";
import { listTunnels } from "./rest_calls.ts";
import { startRestFront } from "./rest_front.ts";

const LOGIN =
  "sallyport: Cannot log in: the server does not know this user with this key, check --username and --access-key\n";

Deno.test("a wrong key and an unknown user give the same line, without the key", async () => {
  await using server = await startServerProgram();

  const wrongKey = await runProgram(clientArgs(server), {
    env: { SALLYPORT_ACCESS_KEY: "wr0ng-k3y" },
  });
  const unknownUser = await runProgram(
    [...clientArgs(server), "--username=nobody"],
    { env: CLIENT_ENV },
  );

  assert.deepEqual([wrongKey.code, wrongKey.stderr], [1, LOGIN]);
  assert.deepEqual([unknownUser.code, unknownUser.stderr], [1, LOGIN]);
  assert.doesNotMatch(wrongKey.stdout, /wr0ng-k3y/);
  assert.deepEqual(await listTunnels(server), []);
});

Deno.test("a server that cannot be found or reached is named, and what to check", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();

  const unknown = await runProgram(clientOf("https://nowhere.invalid:8443"), {
    env: CLIENT_ENV,
  });
  const refused = await runProgram(clientOf(`https://127.0.0.1:${port}`), {
    env: CLIENT_ENV,
  });

  assert.deepEqual([unknown.code, unknown.stderr], [
    2,
    'sallyport: Cannot find "nowhere.invalid": no such host, check --server\n',
  ]);
  assert.deepEqual([refused.code, refused.stderr], [
    2,
    `sallyport: Cannot connect to "127.0.0.1:${port}": connection refused, check --server\n`,
  ]);
});

Deno.test("a server whose certificate is not trusted is refused, with the flag that helps", async () => {
  await using server = await startServerProgram();

  const { code, stderr } = await runProgram(clientOf(server.url), {
    env: CLIENT_ENV,
  });

  assert.equal(code, 2);
  assert.match(
    stderr,
    /^sallyport: Cannot trust the certificate of "127\.0\.0\.1:\d+": its authority "Sallyport.*" is .*: give its certificate with --cacert-file \(a server's own is ca\.pem in its data directory\)\n$/,
  );
  assert.deepEqual(await listTunnels(server), []);
});

Deno.test.each([[200, 2], [404, 1]])(
  "a site that is not a Sallyport server is recognised: status %d",
  async (status, exitCode) => {
    const authority = await createTestAuthority();
    await using directory = await temporaryDirectory();
    const caFile = `${directory.path}/ca.pem`;
    await Deno.writeTextFile(caFile, authority.ca);
    await using site = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      ...await authority.issue(["127.0.0.1"]),
    }, () => new Response("<h1>It works!</h1>", { status }));

    const { code, stderr } = await runProgram([
      ...clientOf(`https://127.0.0.1:${site.addr.port}`),
      `--cacert-file=${caFile}`,
    ], { env: CLIENT_ENV });

    assert.equal(code, exitCode);
    assert.match(
      stderr,
      /^sallyport: Cannot create the tunnel: no Sallyport server at that address, check --server: .+\n$/,
    );
  },
);

Deno.test("a probe that fails ends the start at once; one that is not possible yet is tried again", async () => {
  await using server = await startServerProgram();
  for (const [status, attempts] of [[500, 1], [503, 7]] as const) {
    let probes = 0;
    await using front = await startRestFront(server, {
      tunnelPort: server.tunnelPort,
      answer(path) {
        if (!path.endsWith("/probe")) return undefined;
        probes += 1;
        return Response.json({ error: "The proxy sleeps" }, { status });
      },
    });

    const { code, stderr } = await runProgram(clientArgs(front), {
      env: CLIENT_ENV,
    });

    assert.deepEqual([code, stderr, probes], [
      2,
      "sallyport: Cannot send a request through the tunnel: The proxy sleeps\n",
      attempts,
    ]);
    assert.deepEqual(await listTunnels(server), []);
  }
});

Deno.test.each(["address", "tunnel-address", "proxy-address"])(
  "server names the port of --%s when another program has it",
  async (option) => {
    await using directory = await temporaryDirectory();
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const address = `127.0.0.1:${taken.addr.port}`;

    const { code, stdout, stderr } = await runProgram([
      "server",
      ...ANY_PORTS,
      `--data-dir=${directory.path}`,
      `--${option}=${address}`,
    ]);

    assert.equal(
      stderr,
      `sallyport: Cannot listen on "${address}": the address is in use, choose another port or stop the program that has it\n`,
    );
    assert.equal(code, 2);
    assert.doesNotMatch(stdout, /REST API and page/, "nothing looks started");
  },
);

Deno.test("a client whose --api-address is taken creates no tunnel, and ends none", async () => {
  await using server = await startServerProgram();
  await using _older = await startClientProgram(server);
  const before = await listTunnels(server);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;

  const { code, stderr } = await runProgram(
    [...clientArgs(server), `--api-address=${address}`],
    { env: CLIENT_ENV },
  );

  assert.equal(
    stderr,
    `sallyport: Cannot listen on "${address}": the address is in use, choose another port or stop the program that has it\n`,
  );
  assert.equal(code, 2);
  assert.deepEqual(await listTunnels(server), before);
});

Deno.test("two servers do not share a port, and the first one goes on", async () => {
  await using first = await startServerProgram();
  await using directory = await temporaryDirectory();

  const second = await runProgram([
    "server",
    ...ANY_PORTS,
    `--tunnel-address=127.0.0.1:${first.tunnelPort}`,
    `--data-dir=${directory.path}`,
  ]);

  assert.equal(second.code, 2);
  await using client = await startClientProgram(first);
  assert.equal(client.process.stderr, "");
});

/** Arguments of a client that trusts nobody but the authorities of the system. */
function clientOf(url: string): readonly string[] {
  return [
    "run",
    `--server=${url}`,
    `--username=${USER.name}`,
    "--tunnel-name=lab",
    "--http-dial-attempts=1",
  ];
}
