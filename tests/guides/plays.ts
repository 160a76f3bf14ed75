/**
 * How each command of the guides below is run. `commands_test.ts` checks that
 * every command is in one of three places: it is played in a room, another test
 * runs its block, or it cannot run here, with a reason.
 *
 * @module
 */
import { type Block, blocksOf, commandsOf, guide } from "./blocks.ts";

/** What stands around a command while it is played, as shell. */
interface Around {
  /** What the text of the guide says beforehand, or readers know. */
  readonly before?: string;
  /** What runs in its place, as near to it as it can be here. */
  readonly instead?: string;
  /** What must be so afterwards; `$output` is what it has printed. */
  readonly after?: string;
}

/** The play of a guide. */
interface Play {
  /** What readers have before the first command, as shell. */
  readonly before?: string;
  readonly around?: Readonly<Record<string, Around>>;
  /** Whether an ACME server issues certificates: `$ACME_DIRECTORY`, `$ACME_CA`. */
  readonly needsAcme?: boolean;
}

/** A request comes through the tunnel: the site of the room responds. */
const THROUGH = (proxy: string) =>
  `curl -sSf --max-time 20 ${proxy} -U "jane+lab:k3y" "$SITE" | grep -q "test origin"`;

/** What a client of these guides has in its environment. */
const CLIENT = (server: string, ca: string) => `
client=(SALLYPORT_SERVER=${server} SALLYPORT_CACERT_FILE=${ca}
  SALLYPORT_USERNAME=jane SALLYPORT_ACCESS_KEY=k3y SALLYPORT_TUNNEL_NAME=lab
  SALLYPORT_PROXY_LOCALHOST=allow)`;

/** A site at port 80, which `compose.yaml` has too. */
const SITE = `
cp -r /usr/lib/sallyport/.github/deploy/site site
cat >site.conf <<END
user root;
events {}
http { access_log off; server { listen 80; root $PWD/site; } }
END
mkdir -p /run/nginx
nginx -c "$PWD/site.conf" -g "pid $ROOM/nginx.pid; error_log stderr;"`;
const FROM_SITE = `[ "$output" = "$(<site/index.html)" ]`;

const PROJECT = "cd /usr/lib/sallyport";
const LAB = "https://lab.example:8443";

/** Guide → its play. */
export const PLAYS: Readonly<Record<string, Play>> = {
  "first-tunnel": {
    // The guide's site is in another network, and loopback is off limits.
    before: `${SITE}
client=(SALLYPORT_PROXY_LOCALHOST=allow)`,
    around: {
      "sallyport user add jane": { after: "key=$output" },
      "sallyport server --address :8443 --external-url https://lab.example:8443":
        { after: "cp ~/.local/share/sallyport/ca.pem ca.pem" },
      "export SALLYPORT_ACCESS_KEY=...": {
        instead: "export SALLYPORT_ACCESS_KEY=$key",
      },
      "sallyport login https://lab.example:8443": {
        // No terminal asks for the fingerprint and the key.
        instead: `(umask 077; printf %s "$key" >key)
sallyport login https://lab.example:8443 --yes --username jane --key-file key`,
      },
      "curl -x https://lab.example:8443 --proxy-cacert ca.pem \\\n  -U jane+my-tunnel:$SALLYPORT_ACCESS_KEY http://intranet/":
        { after: FROM_SITE },
    },
  },
  services: {
    // A binary would install itself.
    before: `
mkdir -p /etc/sallyport ~/.config/sallyport ~/.local/bin
ln -s /usr/bin/sallyport ~/.local/bin/sallyport
echo "address: 127.0.0.1:8443" >/etc/sallyport/server.yaml`,
    around: {
      "sudo systemctl enable --now sallyport-server.service": {
        after: `
[ "$(stat -c "%U:%G %a" /etc/sallyport/server.yaml)" = "root:sallyport 640" ]
[ -L /etc/systemd/system/multi-user.target.wants/sallyport-server.service ]
sudo -u sallyport sallyport ready --server --address 127.0.0.1:8443`,
      },
      "sudo -u sallyport sallyport user add jane --data-dir /var/lib/sallyport":
        {
          after: `
for folder in /etc/sallyport ~/.config/sallyport; do
  printf "%s\\n" "server: ${LAB}" "username: jane" "access-key: $output" \\
    "tunnel-name: nightly" "cacert-file: /etc/sallyport/ca.pem" \\
    >"$folder/nightly.yaml"
done
install -m 644 /var/lib/sallyport/ca.pem /etc/sallyport/ca.pem`,
        },
      "sudo systemctl enable --now sallyport-client-nightly.service": {
        // The certificate has the name that clients use.
        before: `
echo "external-url: ${LAB}" >>/etc/sallyport/server.yaml
systemctl enable --now sallyport-server.service`,
        after: `
[ -L /etc/systemd/system/multi-user.target.wants/sallyport-client-nightly.service ]
logrotate --debug "$ROOM/1.text"`,
      },
      "sallyport service install client nightly --user": {
        after: `
export XDG_RUNTIME_DIR=$ROOM
systemd-analyze verify --user \
  ~/.config/systemd/user/sallyport-client-nightly.service`,
      },
      "sallyport service uninstall client nightly --user": {
        after:
          "[ ! -e ~/.config/systemd/user/sallyport-client-nightly.service ]",
      },
      // Only macOS writes this file; what it has is the same everywhere.
      "sudo sallyport service install server --account jane": {
        instead:
          "sudo sallyport service install server --account jane --manager launchd --print",
        after: `
mkdir -p /Library/LaunchDaemons
file=/Library/LaunchDaemons/dev.sallyport-server.plist
grep -qx "# $file" <<<"$output"
sed -n '/^<?xml/,$p' <<<"$output" >"$file"`,
      },
    },
  },
  "behind-a-proxy": {
    before: `
export SALLYPORT_USERS=jane:k3y
sed -e "s/server 127.0.0.1:8443/server 10.1.0.9:8443/" \\
  -e "s/proxy_pass 127.0.0.1:8081/proxy_pass 10.1.0.9:8081/" \\
  /usr/lib/sallyport/.github/deploy/nginx.conf >nginx.conf
mkdir -p /run/nginx
nginx -c "$PWD/nginx.conf" -g "pid $ROOM/nginx.pid; error_log stderr;"
${CLIENT("https://nobody.invalid", "$ROOM/authority.pem")}`,
    around: {
      "sallyport run ... --server https://lab.example": {
        after: THROUGH("-x http://lab.example:8080"),
      },
    },
  },
  tls: {
    needsAcme: true,
    before: `
export SALLYPORT_USERS=jane:k3y SALLYPORT_DATA_DIR=$HOME/data
export SALLYPORT_EXTERNAL_URL=${LAB}
sallyport server
cp data/ca.pem ca.pem
openssl req -x509 -nodes -days 30 -newkey ec -subj "/CN=Lab CA" \\
  -pkeyopt ec_paramgen_curve:P-256 -keyout lab-ca.key -out lab-ca.pem \\
  2>/dev/null
${CLIENT(LAB, "$HOME/ca.pem")}`,
    around: {
      "sallyport run ... --tls-resign-domains '\\.staging\\.example$,-^login\\.' \\\n  --insecure-domains '^old\\.staging\\.example$'":
        {
          after: THROUGH(`-x ${LAB} --proxy-cacert ca.pem`),
        },
      "curl --cacert ca.pem --output browser-ca.pem \\\n  https://lab.example:8443/rest/v1/public/ca.pem":
        { after: "cmp browser-ca.pem data/browser-ca.pem" },
      "sallyport server --resign-ca-cert-file lab-ca.pem --resign-ca-key-file lab-ca.key":
        {
          after: `
curl -sSf --cacert ca.pem ${LAB}/rest/v1/public/ca.pem | cmp - lab-ca.pem`,
        },
      "sallyport server --address :443 --acme-domain lab.example --acme-agree-terms \\\n  --acme-email ops@lab.example":
        {
          before: `
export SALLYPORT_EXTERNAL_URL=https://lab.example
export SALLYPORT_ACME_DIRECTORY=$ACME_DIRECTORY
export SALLYPORT_ACME_CACERT_FILE=$ACME_CA`,
          after: `
until_logged server "certificate was issued"
unset SALLYPORT_ACME_DIRECTORY SALLYPORT_ACME_CACERT_FILE
export SALLYPORT_EXTERNAL_URL=${LAB}
sallyport server`,
        },
      // A person would say yes.
      "sallyport trust https://lab.example:8443": {
        instead: "sallyport trust https://lab.example:8443 --yes",
        after: `
pinned=$(sed -n 's/^pinned //p' <<<"$output")
[ "\${pinned#sha256:}" != "$pinned" ]`,
      },
      "sallyport run ... --server-fingerprint sha256:6d5fe2a3b0e8d5c1f0a94b7c2e81d3f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2":
        { instead: `sallyport run ... --server-fingerprint "$pinned"` },
      "sallyport trust --list": {
        after: `grep -qF ${LAB} <<<"$output"`,
      },
      "sallyport ca rotate server --overlap 336h": {
        after: `[ "$(grep -c BEGIN data/ca.pem)" = 2 ]`,
      },
    },
  },
  users: {
    // Jane is not the last admin when she gets another role.
    before: `
for user in ann jane joe; do sallyport user add "$user" >/dev/null; done
sallyport user set jane --role admin
mkdir -p /etc/sallyport
echo "s3cr3t" >/etc/sallyport/oidc-secret
sallyport server --config-file "$ROOM/1.yaml" --external-url ${LAB}`,
    around: {
      "sallyport user remove joe": {
        after: `! sallyport user list | grep -q joe`,
      },
      "sallyport invitation list": {
        after: `invitation=$(tail -n 1 <<<"$output")
invitation=\${invitation%%[[:space:]]*}`,
      },
      "sallyport invitation revoke ID": {
        instead: `sallyport invitation revoke "$invitation"`,
      },
    },
  },
  install: {
    before: PROJECT,
    around: {
      // The same Deno, without asking npm for it.
      'alias sallyport="npx --yes deno@2.9.6 run -q -P --no-prompt main.ts"': {
        before: `npx() { [ "$1 $2" = "--yes deno@2.9.6" ] && shift 2 && ` +
          `"$ROOM/deno" "$@"; }`,
        after: "unset -f sallyport",
      },
    },
  },
  containers: {
    before: SITE,
    around: {
      // What compose.yaml starts, without images.
      "docker compose --file .github/deploy/compose.yaml up --wait": {
        instead: `
export SALLYPORT_DATA_DIR=$HOME/data SALLYPORT_EXTERNAL_HOST=localhost
SALLYPORT_USERS="demo:$SALLYPORT_ACCESS_KEY" sallyport server
client=(SALLYPORT_SERVER=https://localhost:8443 SALLYPORT_USERNAME=demo
  SALLYPORT_TUNNEL_NAME=compose SALLYPORT_CACERT_FILE=data/ca.pem
  SALLYPORT_PROXY_LOCALHOST=allow)
sallyport run`,
      },
      'curl -x http://localhost:8080 -U "demo+compose:$SALLYPORT_ACCESS_KEY" \\\n  http://intranet.test/':
        { after: FROM_SITE },
    },
  },
};

/** Blocks that another test runs, by guide and first command → that test. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  "install: npx --yes deno@2.9.6 task pack": "tests/npm/package_test.ts",
  "install: npm install --save-dev ./sallyport-0.1.0.tgz":
    "tests/npm/package_test.ts",
  "containers: docker network create lab": "tests/deploy/guide_test.ts",
  "containers: export SALLYPORT_ACCESS_KEY=...": "tests/deploy/guide_test.ts",
  'containers: kubectl create secret generic sallyport-users --from-literal users="jane:$KEY"':
    "tests/guides/cluster_test.ts",
  'containers: kubectl create secret generic sallyport-client \\\n  --from-literal username=jane --from-literal access-key="$KEY"':
    "tests/guides/cluster_test.ts",
};

/** Commands that do not run here → why, and what is checked in their place. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  "docker build --file .github/deploy/Dockerfile --tag sallyport:local .":
    "its base image comes from a registry; tests/system/runs_in_containers_test.ts " +
    "runs the same root file system, and the release workflow builds the image",
  "docker run --rm sallyport:local version":
    "needs that image; the release workflow runs it",
};

/** Whether something else than the play runs the block. */
function runsElsewhere(name: string, block: Block): boolean {
  const [first = ""] = commandsOf(block);
  return Object.hasOwn(ELSEWHERE, `${name}: ${first}`);
}

/** The blocks for a shell of a guide. */
export async function shellBlocks(name: string): Promise<readonly Block[]> {
  return (await blocksOf(guide(name)))
    .filter(({ language }) => language === "sh");
}

/** The commands of a guide that are played, in their order. */
export async function playedCommands(name: string): Promise<readonly string[]> {
  return (await shellBlocks(name))
    .filter((block) => !runsElsewhere(name, block))
    .flatMap(commandsOf)
    .filter((command) => !Object.hasOwn(NOT_RUN, command));
}
