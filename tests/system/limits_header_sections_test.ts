/**
 * Promise: header sections pass as large as browsers take them; what is larger
 * is refused with the size, and with the option that allows it.
 */
import assert from "node:assert/strict";
import type { HeaderLimits } from "../../src/http1/parse/header_limits.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { runningSystem } from "../testing/running_system.ts";
import { fieldOf } from "../testing/received_content.ts";
import { BrowserConnection, open } from "../testing/browser.ts";

/** What a status line and an empty line take, and a little more. */
const REST = 100;
const KIB = 1024;

/** As many lines, of so many bytes in all. */
function lines(count: number, bytes: number): (readonly [string, string])[] {
  const length = Math.floor(bytes / count) - "X-00000: \r\n".length;
  return Array.from({ length: count }, (_, at) => [
    `X-${String(at).padStart(5, "0")}`,
    "v".repeat(length),
  ]);
}

Deno.test("a response of 256 KiB and one of 4,000 fields pass unchanged", async () => {
  const long = lines(60, 256 * KIB - REST);
  const many = lines(4000, 100 * KIB);
  await using site = startSite((exchange) =>
    exchange.answer(200, { fields: exchange.path === "/long" ? long : many })
  );
  await using system = await runningSystem();
  for (const [path, sent] of [["/long", long], ["/many", many]] as const) {
    using browser = await BrowserConnection.open(system.proxy, { site });
    const answer = await browser.exchange("GET", path);

    assert.equal(answer.status, 200);
    assert.deepEqual(
      answer.fields.filter(([name]) => name.startsWith("X-0")),
      sent,
    );
  }
});

Deno.test("a response that is larger is a 502 that says how large, and which option allows it", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, {
      fields: exchange.path === "/long"
        ? lines(60, 300 * KIB)
        : lines(5000, 100 * KIB),
    })
  );
  const url = `http://origin.test:${site.port}`;
  const ask = async (headerLimits?: HeaderLimits): Promise<string[]> => {
    await using system = await runningSystem({
      client: { dial: headerLimits ? { headerLimits } : {} },
    });
    using long = await open(`${url}/long`, system.proxy);
    using many = await open(`${url}/many`, system.proxy);
    return [long, many].map(({ status, fields }) =>
      `${status} ${fieldOf(fields, "x-sallyport-error")}`
    );
  };
  const says = (what: string) =>
    `502 bad_response Cannot read the response of "origin.test:${site.port}": ${what}, ` +
    "raise --http-max-header-size or --http-max-header-fields of the client";

  assert.deepEqual(await ask(), [
    says("its header section is over 262144 bytes"),
    says("it has over 4096 field lines"),
  ]);
  assert.deepEqual(
    await ask({ maxHeaderBytes: 512 * KIB, maxFields: 8192 }),
    ["200 undefined", "200 undefined"],
  );
});

Deno.test("a request that is too large is a 431 or 414 that says so, unless the server's options allow it", async () => {
  await using site = await startOrigin();
  const ask = async (headerLimits?: HeaderLimits): Promise<string[]> => {
    await using system = await runningSystem({
      server: headerLimits ? { headerLimits } : {},
    });
    const answers: string[] = [];
    for (
      const [path, fields] of [
        ["/status/200", lines(30, 60 * KIB)],
        ["/status/200", lines(30, 100 * KIB)],
        ["/status/200", lines(300, 20 * KIB)],
        [`/status/200?${"q".repeat(40 * KIB)}`, []],
      ] as const
    ) {
      using browser = await BrowserConnection.open(system.proxy, { site });
      const answer = await browser.exchange("GET", path, { fields });
      answers.push(`${answer.status} ${(await answer.text()).trim()}`.trim());
    }
    return answers;
  };
  const says = (status: number, what: string) =>
    `${status} Cannot read the message: ${what}, shorten it (cookies?), or ` +
    "raise the server options --max-header-size and --max-header-fields";

  assert.deepEqual(await ask(), [
    "200 status 200",
    says(431, "its header section is over 65536 bytes"),
    says(431, "it has over 256 field lines"),
    says(414, "its start line is over 32768 bytes"),
  ]);
  assert.deepEqual(
    await ask({ maxHeaderBytes: 512 * KIB, maxFields: 8192 }),
    Array.from({ length: 4 }, () => "200 status 200"),
  );
});
