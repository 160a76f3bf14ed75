/** What people read when something fails, all of it, so that a change of a word is seen. */
import { errorPage } from "../../../src/proxy/errors/error_page.ts";
import {
  ProxyError,
  type ProxyErrorCode,
} from "../../../src/proxy/errors/errors.ts";
import { FAILURES } from "../../system/failures.ts";

Deno.test("error pages match the reviewed snapshot", async (t) => {
  const codes = Object.keys(FAILURES).filter(isCode).toSorted();

  const pages = await Promise.all(codes.map(pageOf));

  await t.assertSnapshot(pages.join("\n"));
});

function isCode(name: string): name is ProxyErrorCode {
  return name in FAILURES;
}

async function pageOf(code: ProxyErrorCode): Promise<string> {
  const { status, fields, body } = errorPage(
    new ProxyError(code, "shop.test", { why: "it is odd, mend it" }),
    "sallyport client",
  );
  const bytes = new Uint8Array(4096);
  const count = await body?.read(bytes) ?? 0;
  return [
    `${code}: ${status}`,
    ...[...fields].map(([name, value]) => `  ${name}: ${value}`),
    `  ${new TextDecoder().decode(bytes.subarray(0, count)).trimEnd()}`,
    "",
  ].join("\n");
}
