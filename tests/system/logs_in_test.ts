/**
 * Promise: after `sallyport login`, `sallyport run -i name` is enough. The key
 * is asked for unseen, tried, and kept where only its user can read it. It goes
 * to its own server only.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { withLogin } from "../../src/config/login_values.ts";
import { gatherOptions } from "../../src/config/load.ts";
import { Logins } from "../../src/config/logins.ts";
import { CLIENT_FIELDS } from "../../src/config/options/client_config.ts";
import { fingerprintsOf } from "../../src/net/tls/certificate_pins.ts";
import { type Outcome, type RunOptions, sallyport } from "../cli/harness.ts";
import { startProgram } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import { startServerProgram, temporaryDirectory, untilUp } from "./programs.ts";

Deno.test("after a login, the tunnel's name is enough", async (t) => {
  await using server = await startServerProgram();
  await using home = await temporaryDirectory();
  const { publicKey } = fingerprintsOf(
    new X509Certificate(await Deno.readTextFile(server.caFile)),
  );
  const file = join(home.path, ".config", "sallyport", "logins.json");
  const login = (
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<Outcome> =>
    sallyport(args, { variables: { HOME: home.path }, ...options });

  await t.step(
    "a certificate that nobody agrees to is not trusted",
    async () => {
      const { code, stdout, stderr } = await login(
        ["login", server.url, "--username", USER.name],
        { reply: "n", secretReply: USER.key },
      );

      assert.equal(code, 1);
      assert.match(stdout, /public key {3}sha256:/);
      assert.match(stderr, /Nothing is pinned for/);
      await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    },
  );

  await t.step("a wrong key is not kept", async () => {
    const { code, stderr } = await login(
      [
        ...["login", server.url, "--username", USER.name],
        ...["--fingerprint", publicKey],
      ],
      { secretReply: "wr0ng" },
    );

    assert.equal(code, 1);
    assert.match(stderr, /^sallyport: Cannot log in: [^\n]*\n$/);
    assert.doesNotMatch(stderr, /wr0ng/);
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  });

  await t.step("name and key are tried and kept", async () => {
    const { code, stdout, stderr } = await login(
      ["login", server.url, "--username", USER.name],
      { reply: "y", secretReply: USER.key },
    );
    const listed = await login(["login", "--list", "--json"]);

    assert.equal(code, 0, stderr);
    assert.match(stdout, /^logged in to https:.* as /m);
    assert.ok(!stdout.includes(USER.key));
    const [one] = JSON.parse(listed.stdout);
    assert.equal(one.server, server.url);
    assert.equal(one.user, USER.name);
    assert.equal(one.in_use, "yes");
    assert.ok(!listed.stdout.includes(USER.key));
    if (Deno.build.os !== "windows") {
      assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    }
  });

  await t.step(
    "run needs the name only, and says where the rest is from",
    async () => {
      await using client = startProgram([
        ...["run", "-i", "lab", "--tunnel-connections=2"],
        ...["--api-address=127.0.0.1:0", "--log-format=json"],
      ], { env: { HOME: home.path, XDG_CONFIG_HOME: "" } });
      await untilUp(client, 2);
      const { fields } = await client.event("HTTP server listen", {
        protocol: "http",
      });
      const reply = await fetch(`http://${fields["address"]}/configz`);
      const configz = await reply.text();

      assert.match(configz, /^access-key=xxxxx$/m);
      assert.match(configz, /^# access-key: login "127\.0\.0\.1:\d+"$/m);
      assert.match(configz, /^# server: login "127\.0\.0\.1:\d+"$/m);
      assert.match(configz, /^# tunnel-name: -i$/m);
      assert.ok(!configz.includes(USER.key));
    },
  );

  await t.step(
    "a key in a file works, and a second login is another name",
    async () => {
      const key = join(home.path, "key");
      await Deno.writeTextFile(key, `${USER.key}\n`);

      const second = await login([
        ...["login", server.url, "--username", USER.name, "--name=other"],
        ...["--key-file", key],
      ], { reply: "y" });
      const used = await login(["login", "--use", "nope"]);
      const out = await login(["logout"]);
      const listed = await login(["login", "--list"]);

      assert.equal(second.code, 0, second.stderr);
      assert.match(used.stderr, /no such login, see sallyport login --list/);
      assert.equal(out.stdout, "forgot other\n");
      assert.doesNotMatch(listed.stdout, /other/);
      assert.doesNotMatch(listed.stdout, /yes/);
    },
  );
});

Deno.test("a kept key goes to no other server and no other user", async () => {
  await using folder = await temporaryDirectory();
  const logins = new Logins(join(folder.path, "logins.json"));
  const jane = { username: "jane", accessKey: "key of jane", since: "" };
  await logins.add("a", { ...jane, server: "https://a.test" });
  await logins.add("b", { ...jane, server: "https://b.test:8443" });
  const valuesWith = async (...args: readonly string[]) => {
    const { values } = await withLogin(
      await gatherOptions(CLIENT_FIELDS, {
        args,
        environment: () => undefined,
      }),
      logins,
    );
    return ["server", "username", "access-key"]
      .map((name) => values.get(name)?.raw);
  };

  const B = ["https://b.test:8443", "jane", "key of jane"];
  assert.deepEqual(await valuesWith(), B);
  assert.deepEqual(await valuesWith("--server=a.test"), [
    "a.test",
    "jane",
    "key of jane",
  ]);
  assert.deepEqual(await valuesWith("--server=https://evil.test"), [
    "https://evil.test",
    undefined,
    undefined,
  ]);
  assert.deepEqual(await valuesWith("--server=https://b.test"), [
    "https://b.test",
    undefined,
    undefined,
  ]);
  assert.deepEqual(await valuesWith("--username=joe"), [
    "https://b.test:8443",
    "joe",
    undefined,
  ]);
  assert.deepEqual(await valuesWith("--access-key=x"), [
    "https://b.test:8443",
    "jane",
    "x",
  ]);
});

Deno.test("keys that others can read are not used", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await temporaryDirectory();
  const path = join(folder.path, "logins.json");
  const logins = new Logins(path);
  await logins.add("a", {
    ...{ server: "https://a.test", username: "jane" },
    ...{ accessKey: "k", since: "" },
  });
  await Deno.chmod(path, 0o644);

  await assert.rejects(
    logins.list(),
    /^ConfigError: Cannot use the logins in ".*": other users can read the keys, run chmod 600 /,
  );
});
