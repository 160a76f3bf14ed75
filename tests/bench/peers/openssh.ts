/**
 * OpenSSH with a port forwarded back (`ssh -R`): alone, where the port leads to
 * the origin, and with a forward proxy at the client, which is what people
 * build who have no tunnel product.
 *
 * @module
 */
import { join } from "node:path";
import { run } from "../../testing/process.ts";
import type { Peer, RunningPeer } from "../peer.ts";
import type { Place } from "../place.ts";
import { requireProgram, versionOf } from "../tools.ts";

/** Where sshd of Debian wants a folder when it is started by root. */
const PRIVILEGE_SEPARATION = "/run/sshd";

async function makeKey(place: Place, name: string): Promise<string> {
  const path = place.path(name);
  const { code, stderr } = await run(
    requireProgram("ssh-keygen"),
    ["-q", "-t", "ed25519", "-N", "", "-f", path],
  );
  if (code !== 0) throw new Error(`Cannot make a key for ssh: ${stderr}`);
  return path;
}

async function userName(): Promise<string> {
  const { stdout } = await run(requireProgram("id"), ["-un"]);
  return stdout.trim();
}

async function startSshd(place: Place, port: number, userKey: string) {
  const hostKey = await makeKey(place, "host_key");
  const config = await place.write(
    "sshd_config",
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      "PidFile none",
      "StrictModes no",
      "PermitRootLogin yes",
      "UsePAM no",
    ].join("\n") + "\n",
  );
  if (Deno.uid() === 0) {
    await Deno.mkdir(PRIVILEGE_SEPARATION, { recursive: true });
  }
  const sshd = place.spawn(requireProgram("sshd"), ["-D", "-e", "-f", config]);
  await place.untilOpen(port);
  return sshd;
}

/** Forwards a new port of the server to `target`. */
async function forward(
  place: Place,
  target: string,
  flags: readonly string[],
): Promise<{ port: number; server: number; client: number }> {
  const sshPort = place.freePort();
  const key = await makeKey(place, "user_key");
  const sshd = await startSshd(place, sshPort, key);
  const host = await place.wire(sshPort);
  const port = place.freePort();
  const ssh = place.spawn(requireProgram("ssh"), [
    ...["-N", "-F", "none", "-i", key, "-p", String(sshPort)],
    ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
    ...["-o", "ExitOnForwardFailure=yes", "-o", "IdentitiesOnly=yes"],
    ...flags,
    ...["-R", `127.0.0.1:${port}:${target}`, `${await userName()}@${host}`],
  ]);
  await place.untilOpen(port);
  return { port, server: sshd.pid, client: ssh.pid };
}

async function startAlone(
  place: Place,
  flags: readonly string[],
): Promise<RunningPeer> {
  const { port, server, client } = await forward(place, place.origin, flags);
  const stream = place.route(port, "direct");
  await place.untilReady(stream);
  return { stream, plain: undefined, server: [server], client: [client] };
}

function sshAlone(name: string, about: string, flags: readonly string[]): Peer {
  return {
    name,
    about,
    programs: ["sshd", "ssh", "ssh-keygen"],
    version: () => versionOf("ssh", ["-V"]),
    start: (place) => startAlone(place, flags),
  };
}

interface ForwardProxy {
  readonly program: string;
  /** What has it tell its version. */
  readonly versionFlag: string;
  /** A file for it. Default: empty. */
  readonly config?: (port: number) => string;
  readonly args: (config: string, port: number) => readonly string[];
}

function sshWithProxy(name: string, proxy: ForwardProxy): Peer {
  const { program, versionFlag } = proxy;
  return {
    name,
    about: `ssh -R with ${program} at the client, HTTP proxy`,
    programs: ["sshd", "ssh", "ssh-keygen", program],
    version: async () =>
      `${await versionOf("ssh", ["-V"])} + ${await versionOf(program, [
        versionFlag,
      ])}`,
    async start(place) {
      const proxyPort = place.freePort();
      const config = await place.write(
        "proxy.conf",
        proxy.config?.(proxyPort) ?? "",
      );
      // Squid gives up root before it looks at its own folder.
      await Deno.chmod(place.dir, 0o755);
      await Deno.chmod(config, 0o644);
      const behind = place.spawn(
        requireProgram(program),
        proxy.args(config, proxyPort),
      );
      await place.untilOpen(proxyPort);
      const target = `127.0.0.1:${proxyPort}`;
      const { port, server, client } = await forward(place, target, []);
      const stream = place.route(port, "connect");
      await place.untilReady(stream);
      return {
        stream,
        plain: place.route(port, "absolute"),
        server: [server],
        client: [client, behind.pid],
      };
    },
  };
}

/** `ssh -R` to the origin, with the ciphers that both ends choose. */
export const SSH: Peer = sshAlone(
  "ssh",
  "ssh -R straight to the origin, default cipher (chacha20-poly1305)",
  [],
);

/** The same with the cipher that TLS uses. */
export const SSH_AES: Peer = sshAlone(
  "ssh-aes",
  "ssh -R straight to the origin, aes128-gcm as in TLS",
  ["-c", "aes128-gcm@openssh.com"],
);

/** `ssh -R` to Squid. */
export const SSH_SQUID: Peer = sshWithProxy("ssh+squid", {
  program: "squid",
  versionFlag: "-v",
  config: (port) =>
    [
      `http_port 127.0.0.1:${port}`,
      "http_access allow all",
      "cache deny all",
      "access_log none",
      "cache_log /dev/null",
      "cache_store_log none",
      "pid_filename none",
      "shutdown_lifetime 0 seconds",
    ].join("\n") + "\n",
  args: (config) => ["-N", "-f", config],
});

/** `ssh -R` to tinyproxy. */
export const SSH_TINYPROXY: Peer = sshWithProxy("ssh+tinyproxy", {
  program: "tinyproxy",
  versionFlag: "-v",
  config: (port) =>
    [
      "Listen 127.0.0.1",
      `Port ${port}`,
      "MaxClients 2000",
      "Timeout 600",
      "LogLevel Critical",
      `LogFile "${join("/dev", "null")}"`,
    ].join("\n") + "\n",
  args: (config) => ["-d", "-c", config],
});

/** `ssh -R` to forwarder, which is the client's proxy inside Sauce Connect 5. */
export const SSH_FORWARDER: Peer = sshWithProxy("ssh+forwarder", {
  program: "forwarder",
  versionFlag: "version",
  args: (_config, port) => [
    "run",
    `--address=127.0.0.1:${port}`,
    "--proxy-localhost=direct",
    "--log-http=none",
    "--log-level=error",
    `--api-address=`,
  ],
});
