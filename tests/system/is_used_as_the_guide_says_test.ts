/** The examples of the guide for browsers, as they stand there, with the real tools. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { freePort } from "../testing/free_port.ts";
import { exampleOf } from "../testing/guide.ts";
import { findTool, needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { startSquid } from "../testing/upstream.ts";
import { textByWebDriver } from "../testing/webdriver.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const TEXT = "sallyport test origin";

function startSystem(): Promise<RunningSystem> {
  const port = freePort();
  return runningSystem({
    server: { proxyPortRange: { first: port, last: port } },
    client: { dedicatedPort: true },
  });
}

function sharedProxy({ proxyAddress }: RunningSystem): string {
  return `127.0.0.1:${proxyAddress.port}`;
}

Deno.test({
  ...needs("bash", "curl"),
  name: "curl comes through the tunnel by all three protocols",
  async fn() {
    await using origin = await startOrigin();
    await using system = await startSystem();
    const commands = await exampleOf("browsers", {
      section: "curl",
      language: "sh",
      replacements: {
        "lab.example:8080": sharedProxy(system),
        "https://lab.example ": `${system.server.url} `,
        "ca.pem": system.server.ca?.file ?? "none",
        "http://intranet.test/": `http://intranet.test:${origin.port}/`,
        "curl ": "curl -sS --max-time 20 ",
      },
    });

    const { code, stdout, stderr } = await run("bash", ["-euc", commands], {
      env: { SALLYPORT_ACCESS_KEY: USER.key },
    });

    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, `${TEXT}\n`.repeat(3));
  },
});

Deno.test({
  ...needs("chromium"),
  name: "Playwright comes through the tunnel",
  async fn() {
    await using origin = await startOrigin();
    await using system = await startSystem();
    const chromium = findTool("chromium");
    const program = await exampleOf("browsers", {
      section: "Playwright",
      language: "js ignore",
      replacements: {
        'from "playwright"': 'from "playwright-core"',
        "chromium.launch({":
          `chromium.launch({ executablePath: "${chromium}", args: ["--no-sandbox"],`,
        "lab.example:8080": sharedProxy(system),
        "http://intranet.test/": `http://intranet.test:${origin.port}/`,
      },
    });
    const path = await Deno.makeTempFile({ suffix: ".mjs" });
    await using _file = {
      [Symbol.asyncDispose]: () => Deno.remove(path),
    };
    await Deno.writeTextFile(path, program);

    const { code, stdout, stderr } = await run(Deno.execPath(), [
      ...["run", "-qA", `--config=${CONFIG}`],
      path,
    ], { env: { SALLYPORT_ACCESS_KEY: USER.key }, ms: 60_000 });

    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(TEXT));
  },
});

for (const section of ["Selenium", "PAC"] as const) {
  Deno.test({
    ...needs("chromium", "chromedriver"),
    name: `a WebDriver browser comes through the tunnel (${section})`,
    async fn() {
      await using origin = await startOrigin();
      await using system = await startSystem();
      const capabilities = await exampleOf("browsers", {
        section,
        language: "json",
        replacements: {
          "lab.example:21000": system.client.tunnel.dedicatedProxy ?? "none",
        },
      });

      const text = await textByWebDriver(
        JSON.parse(capabilities),
        `http://intranet.test:${origin.port}/`,
      );

      assert.equal(text.trim(), TEXT);
    },
  });
}

Deno.test({
  ...needs("squid"),
  name: "browsers without credentials come through a Squid that has them",
  async fn() {
    await using origin = await startOrigin();
    await using system = await startSystem();
    const lines = await exampleOf("browsers", {
      section: "Squid in front",
      language: "squid",
      replacements: {
        "lab.example parent 8080":
          `127.0.0.1 parent ${system.proxyAddress.port}`,
        "ACCESS-KEY": USER.key,
      },
    });
    await using squid = await startSquid({ lines });

    const page = await get(`http://shop.intranet.test:${origin.port}/`, squid);

    assert.deepEqual([page.status, page.text], [200, `${TEXT}\n`]);
  },
});
