import assert from "node:assert/strict";
import { runProgram } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import {
  beginClientProgram,
  CLIENT_ENV,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

Deno.test("a flag is stronger than SALLYPORT_*, that than SAUCE_*, that than the file", async () => {
  await using server = await startServerProgram();
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/client.yaml`;
  await Deno.writeTextFile(
    file,
    [
      "tunnel-connections: 7",
      "tunnel-max-concurrent-streams: 7",
      "http-dial-attempts: 7",
      "shutdown-timeout: 7m",
      "metadata: [from=file, build=7]",
    ].join("\n"),
  );

  await using client = await beginClientProgram(server, {
    args: [`--config-file=${file}`, "--tunnel-connections=1"],
    env: {
      SALLYPORT_TUNNEL_CONNECTIONS: "2",
      SAUCE_TUNNEL_CONNECTIONS: "3",
      SALLYPORT_TUNNEL_MAX_CONCURRENT_STREAMS: "20",
      SAUCE_TUNNEL_MAX_CONCURRENT_STREAMS: "30",
      SAUCE_HTTP_DIAL_ATTEMPTS: "3",
      SALLYPORT_METADATA: "from=environment",
    },
  });
  const answer = await fetch(`${client.apiUrl}configz`);
  const lines = (await answer.text()).split("\n");

  const expected = [
    "tunnel-connections=1",
    "tunnel-max-concurrent-streams=20",
    "http-dial-attempts=3",
    "shutdown-timeout=7m",
    "metadata=from=environment",
    "access-key=xxxxx",
  ];
  for (const line of expected) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join("\n")}`);
  }
});

Deno.test("run takes all it needs from the environment of Sauce Connect, or from a file", async () => {
  await using server = await startServerProgram();
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/client.yaml`;
  await Deno.writeTextFile(
    file,
    `server: ${server.url}\ncacert-file: ${server.caFile}\ntunnel-name: lab\n` +
      `username: ${USER.name}\naccess-key: wrong-key\n`,
  );

  // A wrong key is the shortest way to see that everything arrived.
  const fromFile = await runProgram(["run", "-c", file]);
  const fromEnvironment = await runProgram(["run"], {
    env: {
      SAUCE_CONFIG_FILE: file,
      SAUCE_ACCESS_KEY: `${CLIENT_ENV["SALLYPORT_ACCESS_KEY"]}x`,
    },
  });

  for (const { code, stderr } of [fromFile, fromEnvironment]) {
    assert.match(stderr, /^sallyport: Cannot log in: /);
    assert.equal(code, 1);
  }
});
