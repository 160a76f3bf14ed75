import assert from "node:assert/strict";
import {
  DomainList,
  DomainListError,
  SizeBudget,
  whyNotDomains,
  whyNotTexts,
} from "../../../src/net/domains/domain_list.ts";

const CASES: readonly (readonly [
  entries: readonly string[],
  host: string,
  expected: boolean,
])[] = [
  [["shop\\.test"], "shop.test", true],
  [["shop\\.test"], "www.shop.test.example", true],
  [["^shop\\.test$"], "www.shop.test", false],
  [["shop.test"], "shopxtest", true],
  [["SHOP"], "shop.test", false],
  [["(?i)SHOP"], "shop.test", true],
  [["shop"], "SHOP.TEST", true],
  [["test$"], "shop.test.", true],
  [["a", "b"], "xbx", true],
  [["a|b", "c"], "c", true],
  [["(?i)SHOP", "CDN"], "cdn.test", false],
  [["all"], "anything.test", true],
  [["all"], "::1", true],
  [["all", "-^cdn\\."], "cdn.shop.test", false],
  [["all", "-^cdn\\."], "shop.test", true],
  [["-cdn", "shop", "-www"], "www.shop.test", false],
  [["-all", "all"], "mall.test", false],
  [["-all", "all"], "shop.test", true],
  [["^10\\.", "^fd00:"], "fd00::1", true],
  [["^10\\."], "192.0.2.10", false],
  [["^10\\.1\\.2\\.3$"], "167838211", true],
  [["^10\\.1\\.2\\.3$"], "0x0a.1.0x203", true],
  [["^10\\.1\\.2\\.3$"], "012.1.2.3.", true],
  [["^10\\.1\\.2\\.3$"], "::ffff:a01:203", true],
  [["^fd00::1$"], "FD00:0:0:0::1", true],
  [["\\Ashop[[:alpha:]]+\\z"], "shopping", true],
];

for (const [entries, host, expected] of CASES) {
  Deno.test(`DomainList of ${JSON.stringify(entries)} ${expected ? "has" : "has not"} "${host}"`, () => {
    assert.equal(DomainList.parse(entries).matches(host), expected);
  });
}

Deno.test("DomainList names the entry with an invalid regular expression", () => {
  assert.throws(
    () => DomainList.parse(["ok", "sh[op"]),
    {
      name: "SyntaxError",
      message:
        'Cannot use the domains: invalid regular expression "sh[op": missing closing ]: `[op`',
    },
  );
  assert.throws(
    () => DomainList.parse(["ok", "-(?=look)"]),
    /invalid regular expression "-\(\?=look\)"/,
  );
  assert.throws(() => DomainList.parse(["ok", "-"]), /it is empty/);
});

Deno.test("DomainList refuses a list that includes nothing", () => {
  assert.throws(() => DomainList.parse(["-a"]), /every entry excludes/);
  assert.throws(() => DomainList.parse([]), /every entry excludes/);
});

Deno.test("DomainList entries cannot change each other", () => {
  assert.throws(
    () => DomainList.parse(["a)", "(b"]),
    /invalid regular expression "a\)"/,
  );
});

Deno.test("DomainList refuses more than it can compile quickly", () => {
  const long = Array.from({ length: 100 }, () => "x".repeat(1000));
  assert.throws(() => DomainList.parse(long), /more than 65536 characters/);
});

const TOO_OFTEN: Readonly<Record<string, readonly string[]>> = {
  "many counted repetitions": Array.from({ length: 5 }, () => "a{1000}"),
  "one of a long group": [`(?:${"[a-z]?".repeat(160)}){0,990}$`],
  "one in another": ["(?:[a-z.]{31}x){2,100}{3}"],
  "one of a quoted group": [`\\Q[\\E(?:${"a?".repeat(200)}){990}]`],
  "repetitions that are not counted": Array.from(
    { length: 9 },
    () => ".?".repeat(500),
  ),
};

for (const [what, entries] of Object.entries(TOO_OFTEN)) {
  Deno.test(`DomainList refuses ${what}, which take a second for each name`, () => {
    assert.throws(
      () => DomainList.parse(entries),
      /more than 4096 repetitions, each copy that \{…\} stands for counted as one/,
    );
  });
}

Deno.test("DomainList takes what people repeat", () => {
  const uuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.test$";
  const labels = "^([a-z0-9-]{1,63}\\.){1,5}test$";
  const network = "^10\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$";
  const list = DomainList.parse([
    ...[uuid, labels],
    ...Array.from({ length: 100 }, () => network),
    ...Array.from({ length: 900 }, (_, at) => `.*\\.site${at}\\.test`),
  ]);

  assert.equal(list.matches("10.200.3.4"), true);
  assert.equal(list.matches("a.b.test"), true);
  assert.equal(list.matches("10.200.3.4567"), false);
});

Deno.test("DomainList takes no exponential time", () => {
  const list = DomainList.parse(["^(a+)+$"]);
  const startedAt = performance.now();

  assert.equal(list.matches(`${"a".repeat(250)}!`), false);

  // A backtracking engine would take longer than the age of the universe.
  assert.ok(performance.now() - startedAt < 5_000);
});

const TOO_LARGE: Readonly<Record<string, readonly string[]>> = {
  "many Unicode classes": Array.from({ length: 50 }, () => "\\pL"),
  "a Unicode class again and again": ["\\pL{1000}"],
  "a class of Unicode classes again and again": ["[\\p{Greek}a]{500}"],
  "long ranges of other cases": ["(?i)" + "[B-\\x{1e942}]".repeat(40)],
  "long ranges of other cases, spelled out": [
    "(?i)" + "[B-\u{1e942}]".repeat(40),
  ],
  "long ranges of other cases, in octal": [
    "(?i)" + "[\\0-\\777]".repeat(40),
  ],
  "more steps than are kept": Array.from({ length: 33 }, () => "x".repeat(1e3)),
};

for (const [what, entries] of Object.entries(TOO_LARGE)) {
  Deno.test(`DomainList refuses ${what} before it has compiled much`, () => {
    const startedAt = performance.now();

    assert.throws(
      () => DomainList.parse(entries),
      /too large, all lists of a tunnel together may be compiled to 32768 steps/,
    );

    // 0.1 s on an idle machine; each took from 0.3 s to minutes.
    assert.ok(performance.now() - startedAt < 5_000);
  });
}

Deno.test("DomainList takes Unicode classes and other cases that people write", () => {
  const list = DomainList.parse(["(?i)^\\pL+\\.TEST$", "^\\p{Nd}+$"]);

  assert.equal(list.matches("shop.test"), true);
  assert.equal(list.matches("shop1.test"), false);
});

Deno.test("DomainList has the same hosts however many expressions it is compiled to", () => {
  const entries = Array.from({ length: 900 }, (_, at) => `^shop${at}\\.test$`);
  const list = DomainList.parse([...entries, "-^shop1", "-^shop89[0-9]"]);

  for (let at = 0; at < 1_000; at++) {
    const isIn = at < 900 && !/^(?:1|89[0-9])/.test(String(at));
    assert.equal(list.matches(`shop${at}.test`), isIn, String(at));
  }
});

Deno.test("DomainList takes entries that call a group by the same name", () => {
  const list = DomainList.parse(["^(?P<a>x)$", "^(?P<a>y)$", "z"]);

  for (const host of ["x", "y", "az"]) assert.equal(list.matches(host), true);
  assert.equal(list.matches("xy"), false);
});

Deno.test("DomainList spends no time on what is too long for a name", () => {
  const long = "k".repeat(60_000);
  const entries = Array.from({ length: 60 }, () => "[^a]".repeat(255));
  const startedAt = performance.now();

  assert.equal(DomainList.parse(entries).matches(long), false);
  assert.equal(DomainList.parse(["all", "-^k"]).matches(long), true);
  // Most of it is compiling; looking for the name took 40 s.
  assert.ok(performance.now() - startedAt < 10_000);
});

Deno.test("whyNotDomains() says what is wrong, and nothing of a valid list", () => {
  assert.equal(whyNotDomains(["all"]), undefined);
  assert.equal(
    whyNotDomains(["sh[op"]),
    'invalid regular expression "sh[op": missing closing ]: `[op`',
  );
  assert.equal(whyNotTexts(["sh[op"]), undefined);
  const none = "every entry excludes, name some to include, or all";
  assert.equal(whyNotTexts([]), none);
  assert.equal(whyNotDomains(["-a"]), none);
  assert.equal(
    whyNotTexts(["-a", "-"]),
    'invalid regular expression "-": it is empty',
  );
});

Deno.test("a list has 65,536 characters and 4,096 repetitions, and no more", () => {
  const halves = (length: number) =>
    Array.from({ length: 64 }, () => "x".repeat(length / 64));
  assert.equal(whyNotTexts(halves(65_536)), undefined);
  assert.match(whyNotTexts([...halves(65_536), "x"]) ?? "", /65536 characters/);
  const often = Array.from({ length: 4 }, () => "a?".repeat(1_024));
  assert.equal(whyNotTexts(often), undefined);
  assert.match(whyNotTexts([...often, "a?"]) ?? "", /4096 repetitions/);
});

Deno.test("an entry has 16,384 steps, and no more", () => {
  assert.equal(whyNotTexts(["x".repeat(16_384)]), undefined);
  assert.match(whyNotTexts(["x".repeat(16_385)]) ?? "", /too large/);
});

Deno.test("a budget has 32,768 steps, and twice as many estimated", () => {
  const budget = new SizeBudget();
  budget.take(32_768);
  assert.throws(() => budget.take(1), DomainListError);
  const other = new SizeBudget();
  const entries = Array.from({ length: 8 }, () => "x".repeat(8_192));
  other.takeEstimated(entries);
  assert.throws(() => other.takeEstimated(["x"]), DomainListError);
});

Deno.test("a list is compiled in slices of 1,024 steps", () => {
  const slicesOf = (entries: readonly string[]) => {
    const steps = DomainList.compile(entries, new SizeBudget());
    let slices = 0;
    while (steps.next().done !== true) slices++;
    return slices;
  };
  const entry = "x".repeat(256);
  assert.equal(slicesOf([entry, entry, entry]), 0);
  assert.equal(slicesOf([entry, entry, entry, entry]), 1);
  const many = (length: number) => Array.from({ length }, () => entry);
  assert.equal(slicesOf(many(12)), 3);
  assert.equal(slicesOf(many(13)), 4);
  assert.throws(() => slicesOf([]), DomainListError);
});
