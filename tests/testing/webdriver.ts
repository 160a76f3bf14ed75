/**
 * A browser as Selenium drives it: chromedriver, and W3C WebDriver over HTTP.
 *
 * @module
 */
import { requireTool } from "./needs.ts";
import { TestProcess } from "./process.ts";

/** The capabilities of a session, as the standard writes them. */
export type Capabilities = Readonly<Record<string, unknown>>;

/** What a new browser shows at `url`; the browser is closed again. */
export async function textByWebDriver(
  capabilities: Capabilities,
  url: string,
): Promise<string> {
  await using driver = new TestProcess(requireTool("chromedriver"), [
    "--port=0",
  ]);
  const [, port] = await driver.waitFor(/successfully on port (\d+)/);
  const base = `http://127.0.0.1:${port}/session`;
  const { sessionId } = await call(base, {
    capabilities: { alwaysMatch: withOptions(capabilities) },
  });
  const session = `${base}/${sessionId}`;
  try {
    await call(`${session}/url`, { url });
    const script = "return document.body.innerText";
    return String(await call(`${session}/execute/sync`, { script, args: [] }));
  } finally {
    await fetch(session, { method: "DELETE" }).then((answer) => answer.text());
  }
}

function withOptions(capabilities: Capabilities): Capabilities {
  return {
    ...capabilities,
    "goog:chromeOptions": {
      binary: requireTool("chromium"),
      args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
    },
  };
}

// deno-lint-ignore no-explicit-any -- what a command gives is its own
async function call(url: string, body: unknown): Promise<any> {
  const answer = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
  });
  const { value } = await answer.json();
  if (answer.ok) return value;
  throw new Error(`Cannot do ${url}: ${value.message}`);
}
