/** @module */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Fields } from "../../../src/http/fields.ts";
import {
  ERROR_PAGE_POLICY,
  type ErrorPageFacts,
  renderErrorPage,
  wantsErrorPage,
} from "../../../src/proxy/errors/html_error_page.ts";

const FACTS: ErrorPageFacts = {
  component: "sallyport client",
  status: 502,
  reason: "net_dial",
  message: 'Cannot connect to "shop.test:80": nothing listens there',
  detail: "os error 111",
  id: "c1-7",
  tunnelPage: "https://lab.test/tunnels/0123",
};

Deno.test("wantsErrorPage() is for what browsers show to people", () => {
  const chromium =
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const rows: readonly (readonly [boolean, ...string[]])[] = [
    [true, "Accept", chromium],
    [true, "accept", "TEXT/HTML;q=0.5"],
    [true, "Accept", "image/png", "Accept", "text/html"],
    [true, "Accept", chromium, "Sec-Fetch-Dest", "iframe"],
    [false],
    [false, "Accept", "*/*"],
    [false, "Accept", "text/htmlx, application/json"],
    [false, "Accept", "text/html;q=0, */*"],
    [false, "Accept", "text/html; q=0.000"],
    // A script asks.
    [false, "Accept", "text/html", "Sec-Fetch-Dest", "empty"],
  ];
  for (const [wanted, ...fields] of rows) {
    assert.equal(wantsErrorPage(new Fields(fields)), wanted, String(fields));
  }
});

Deno.test("the page says what, why, who says so, what to try, and where there is more", () => {
  const page = renderErrorPage(FACTS);

  for (
    const text of [
      "<h1>The site cannot be reached</h1>",
      "The cause: the site",
      "Cannot connect to &quot;shop.test:80&quot;: nothing listens there.",
      "os error 111",
      "The Sallyport client, which connects to the site",
      "<code>id=c1-7</code> in the log of the client",
      'href="https://lab.test/tunnels/0123"',
    ]
  ) assert.ok(page.includes(text), text);
  assert.equal(page.match(/<li>/g)?.length, 3);
});

Deno.test("the page has no link where no page can be opened, and knows failures of later versions", () => {
  const page = renderErrorPage({
    ...FACTS,
    reason: "new_thing",
    id: undefined,
    tunnelPage: undefined,
  });

  assert.doesNotMatch(page, /<a |<li>|id=/);
  assert.ok(page.includes("<h1>The request failed</h1>"));
});

Deno.test("the page repeats nothing as markup, wherever it comes from", () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=a>&`;
  const page = renderErrorPage({
    component: evil,
    status: 502,
    reason: evil,
    message: evil,
    detail: evil,
    id: evil,
    tunnelPage: `https://a.test/${evil}`,
  });

  assert.doesNotMatch(page, /<script|<img|"'>|&(?!amp;|lt;|gt;|quot;|#39;)/);
});

Deno.test("the policy of the page allows its style, and nothing else", () => {
  const [, css = ""] = /<style>(.*?)<\/style>/s.exec(renderErrorPage(FACTS)) ??
    [];
  const hash = createHash("sha256").update(css).digest("base64");

  assert.equal(
    ERROR_PAGE_POLICY,
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
});
