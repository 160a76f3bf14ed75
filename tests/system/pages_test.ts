/** @module */
import { advertiseWith } from "../server/advertised.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ClientStatus } from "../../src/client/status/status.ts";
import { createStatusApp } from "../../src/client/status/status_app.ts";
import { statusDocument } from "../../src/client/status/status_document.ts";
import { createInspector } from "../../src/inspector/inspector.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../src/server/tunnels/registry.ts";
import { createWebUi } from "../../src/server/web/web_ui.ts";
import { responseOf } from "../plugin/exchanges.ts";

const BUILD = { version: "1.2.3", commit: "abc", time: "2026-01-01" };
const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../src/", import.meta.url));

/** A line of the table in `README.md`: a page, what is done there, the file of its test. */
const LINE =
  /^\| `(\w+ (?:GET|POST) \S+)` +\| (.*?) +\| \[`(\w+\.ts)`\]\((\w+\.ts)\) +\|$/gm;

interface Row {
  readonly page: string;
  /** The words on the buttons. */
  readonly buttons: readonly string[];
  readonly file: string;
}

async function rowsOfTable(): Promise<readonly Row[]> {
  const text = await Deno.readTextFile(`${FOLDER}README.md`);
  return Array.from(
    text.matchAll(LINE),
    ([, page = "", does = "", name, file = ""]) => {
      assert.equal(name, file);
      const buttons = Array.from(
        does.matchAll(/\*\*(.+?)\*\*/g),
        ([, words = ""]) => words,
      );
      return { page, buttons, file };
    },
  );
}

/** The routes of the server's pages, without their files. */
function serverPages(): readonly string[] {
  using accounts = openAccounts(":memory:");
  const { routes } = createWebUi({
    accounts,
    registry: new TunnelRegistry(),
    controller: { stop() {} },
    history: { of: () => [] },
    version: "1.2.3",
    advertise: advertiseWith(),
  });
  return pagesOf(routes, "server");
}

/** The routes of the client's pages: of its status API without what is for programs, and of the inspector. */
async function clientPages(): Promise<readonly string[]> {
  await using inspector = createInspector(
    () => Promise.resolve(responseOf("")),
    { version: "1.2.3", hostNames: [] },
  );
  const { routes } = createStatusApp({
    status: new ClientStatus(),
    metrics: createRegistry(BUILD),
    build: BUILD,
    configz: "",
    pac: "",
    inspector: inspector.app,
    credentials: undefined,
  });
  const forPeople = new Set(["/", "/inspector"]);
  const forPrograms = new Set(Object.keys(statusDocument("").paths))
    .difference(forPeople);
  const pages = routes.filter(({ path }) => !forPrograms.has(path));
  return pagesOf(pages, "client");
}

function pagesOf(
  routes: readonly { readonly method: string; readonly path: string }[],
  program: string,
): readonly string[] {
  return routes
    .filter(({ method }) => method === "GET" || method === "POST")
    .filter(({ path }) => !/\.(?:css|js|svg)$/.test(path))
    .map(({ method, path }) =>
      // What a part of the path looks like does not matter here.
      `${program} ${method} ${path.replaceAll(/\{(?:[^{}]|\{.*?\})*\}/g, "")}`
        .replace(/ \/\*$/, " *")
    );
}

/** The words on everything that looks like a button. */
async function buttonsOf(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(SOURCE + folder)) {
    if (isDirectory) found.push(...await buttonsOf(`${folder}/${name}`));
    if (!name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(`${SOURCE}${folder}/${name}`);
    for (const [, ...words] of source.matchAll(BUTTON)) {
      found.push(words.find((each) => each !== undefined)?.trim() ?? "");
    }
  }
  return found.map((words) => words.replace(/ …$/, ""));
}

const BUTTON =
  /<button[^>]*>([^<$]+)<|class="button[^>]*>([^<$]+)<|verb: "([^"]+)"|BACK = \{.*text: "([^"]+)"|back = \{.*text: "([^"]+)"/g;

Deno.test("every page has a line in the table of pages, and every line a page", async () => {
  const rows = await rowsOfTable();
  const pages = new Set([...serverPages(), ...await clientPages()]);

  assert.deepEqual(
    rows.map(({ page }) => page).toSorted(),
    [...pages].toSorted(),
  );
});

Deno.test("every button is in the table of pages", async () => {
  const known = new Set((await rowsOfTable()).flatMap((row) => row.buttons));
  const folders = ["web", "server/web", "inspector", "client"];

  const found = (await Promise.all(folders.map(buttonsOf))).flat();

  assert.ok(found.length > 20, String(found));
  assert.deepEqual(found.filter((words) => !known.has(words)), []);
});

Deno.test("the tests in the table of pages use a browser, and press every button", async () => {
  for (const { page, buttons, file } of await rowsOfTable()) {
    const source = await Deno.readTextFile(FOLDER + file);
    assert.match(source, /needs\([^)]*"chromium"/, file);
    for (const words of buttons) {
      assert.match(
        source,
        new RegExp(`["\`]${words}`),
        `${page} in ${file}: ${words}`,
      );
    }
  }
});
