/**
 * Lint rules: what may be used where.
 *
 * - `packages`: every npm package has its folders; a new one needs a line here.
 * - `platform`: `Deno.*` is reached from few files, so that everything else can
 *   be tested without a machine. Types and `Deno.errors` touch nothing and are
 *   free.
 *
 * @module
 */
import { onImports, pathOf } from "./imports.ts";

/** Package → where in `src/` it may be imported; nowhere means tests only. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Unknown data is checked where it comes in, and nowhere deeper.
  "zod": [
    "api/",
    "cli/plugin/test_file.ts",
    "client/program/read_tunnel_options.ts",
    "client/rest/rest_client.ts",
    "config/",
    "plugin/",
    "server/acme/",
    "store/",
    "tunnel/protocol.ts",
  ],
  // Web applications: the REST API, the status API, the page. Not the data path.
  "hono": ["api/", "client/", "inspector/", "server/", "web/"],
  // Charts of the page.
  "uplot": ["server/web/layout.ts"],
  // Everyone else logs through `log/log.ts`, counts through `metrics/`.
  "@logtape/logtape": ["log/"],
  "prom-client": ["metrics/"],
  // Certificates: read in `net/`, made in `server/`.
  "@peculiar/asn1-schema": ["server/tls/name_constraints.ts"],
  "@peculiar/asn1-x509": ["server/tls/name_constraints.ts"],
  "@peculiar/x509": ["net/", "server/"],
  "reflect-metadata": ["net/", "server/"],
  // Signatures of requests to a CA.
  "jose": ["server/acme/", "server/web/oidc/logout_tokens.ts"],
  // Spans, made by the runtime if it makes any.
  "@opentelemetry/api": ["proxy/trace_exchanges.ts"],
  // Ranges of addresses.
  "ipaddr.js": ["config/", "net/", "proxy/", "server/"],
  // Regular expressions of users, in linear time.
  "re2js": ["net/"],
  // The sign-in at an identity provider.
  "openid-client": ["server/web/oidc/provider.ts"],
  // The engine of PAC scripts.
  "@jitl/quickjs-singlefile-mjs-release-sync": ["pac/"],
  "quickjs-emscripten-core": ["pac/"],
  // Configuration files, and the suggestion for a misspelt flag or hook.
  "@babel/parser": ["plugin/loading/find_imports.ts"],
  "fastest-levenshtein": ["cli/", "config/", "plugin/"],
  "smol-toml": ["config/"],
  "yaml": ["config/"],
  // The table of status texts, and nothing else of it.
  // And proxies in Node.js, which has no other client for CONNECT.
  "node:http": ["http/status_text.ts", "npm/ask_proxy.ts", "npm/relay.ts"],
  // Slower than the native sockets, and `node:http2` can be killed by a peer.
  "node:http2": [],
  "node:https": ["npm/ask_proxy.ts", "npm/relay.ts"],
  "node:net": ["npm/relay.ts"],
  // `Deno.connectTls` cannot leave a certificate unchecked, and Deno's TLS
  // listeners have no TCP_NODELAY; nothing of it on the way to the client.
  "node:tls": [
    "net/tls/explain_certificate.ts",
    "net/tls/start_tls_over.ts",
    "net/tls/system_trust.ts",
    "net/tls/tls_socket.ts",
    "net/tls/tls_terminator.ts",
  ],
  // Tests.
  "@grpc/grpc-js": [],
  "ajv": [],
  "axe-core": [],
  "fast-check": [],
  "oidc-provider": [],
  "playwright-core": [],
  "protobufjs": [],
  "tree-sitter-powershell": [],
  "web-tree-sitter": [],
  "ws": [],
  "typescript": [],
};

/** Where the machine is reached: sockets, files, environment, the process. */
const PLATFORM: readonly string[] = [
  "api/serving/serve.ts",
  "async/worker_permissions.ts",
  "cli/",
  "cluster/node_folder.ts",
  "client/program/",
  "client/read_pac.ts",
  "config/",
  "log/",
  "net/",
  "npm/give_up.ts",
  "npm/host.ts",
  "platform/",
  "plugin/",
  "server/accounts/accounts.ts",
  "server/acme/acme_http.ts",
  "store/backup.ts",
  "server/tls/certificates.ts",
  "server/tls/own_authorities.ts",
  "server/tls/rotation.ts",
  "server/tls/whole_files.ts",
  "store/data_directory.ts",
  "store/database.ts",
];

const IN_SRC = /\/src\/(.+\.ts)$/;

/** `@scope/name/path` and `name/path` without the path. */
function packageOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

function isAtHome(path: string, homes: readonly string[]): boolean {
  return homes.some((home) =>
    home.endsWith("/") ? path.startsWith(home) : path === home
  );
}

function packageTrouble(specifier: string, path: string): string | undefined {
  const name = packageOf(specifier);
  const homes = PACKAGES[name];
  if (homes === undefined) {
    return name.startsWith("node:") ? undefined : `"${name}" has no home`;
  }
  if (isAtHome(path, homes)) return undefined;
  return `"${name}" may not be imported in "${path}"`;
}

const plugin: Deno.lint.Plugin = {
  name: "homes",
  rules: {
    "packages": {
      create: (context) =>
        onImports(context, (node, { specifier, target }) => {
          const path = IN_SRC.exec(pathOf(context))?.[1];
          if (path === undefined || target !== undefined) return;
          const message = packageTrouble(specifier, path);
          if (message === undefined) return;
          context.report({
            node,
            message,
            hint: "The table in tests/lint/homes.ts says where it may.",
          });
        }),
    },
    "platform": {
      create(context) {
        const path = IN_SRC.exec(pathOf(context))?.[1];
        if (path === undefined || isAtHome(path, PLATFORM)) return {};
        return {
          "MemberExpression > Identifier[name='Deno']"(
            node: Deno.lint.Identifier,
          ) {
            const use = context.sourceCode.getText(node.parent);
            if (use === "Deno.errors") return;
            context.report({
              node,
              message: `"${path}" may not reach for ${use}`,
              hint: "Pass in what it needs; tests/lint/homes.ts says why.",
            });
          },
        };
      },
    },
  },
};

export default plugin;
