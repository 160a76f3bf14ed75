// deno-lint-ignore-file camelcase -- the names that scripts know
/*
 * The functions that a PAC script may call: Netscape's, and Microsoft's for
 * IPv6 (names ending in Ex). The engine provides `__resolve`, `__bytes`,
 * `__mine` and `__alert`.
 */

const FUNCTIONS = {
  // As in Chromium, "foo:112" is plain: only an IPv6 address has colons of its own.
  isPlainHostName(host) {
    if (typeof host !== "string") {
      throw new TypeError("Requires 1 string parameter");
    }
    return !host.includes(".") && __bytes(host) === undefined;
  },

  dnsDomainIs: (host, domain) =>
    String(host).toLowerCase().endsWith(String(domain).toLowerCase()),

  localHostOrDomainIs: (host, full) =>
    host === full || String(full).startsWith(`${host}.`),

  dnsDomainLevels: (host) => String(host).split(".").length - 1,

  isResolvable: (host) => FUNCTIONS.dnsResolve(host) !== null,

  isResolvableEx: (host) => addressesOf(host).length > 0,

  dnsResolve: (host) =>
    addressesOf(host).find((ip) => !ip.includes(":")) ?? null,

  dnsResolveEx: (host) => addressesOf(host).join(";"),

  myIpAddress: () => __mine().find((ip) => !ip.includes(":")) ?? "127.0.0.1",

  myIpAddressEx: () => __mine().join(";"),

  convert_addr: (ip) =>
    String(ip).split(".").reduce((sum, part) => (sum << 8) | (part & 255), 0),

  isInNet(host, pattern, mask) {
    if (!isIpv4(pattern) || !isIpv4(mask)) return false;
    const ip = isIpv4(host) ? host : FUNCTIONS.dnsResolve(host);
    if (ip === null) return false;
    const [bits, wanted, given] = [mask, pattern, ip].map(
      FUNCTIONS.convert_addr,
    );
    return (given & bits) === (wanted & bits);
  },

  isInNetEx(host, prefix) {
    if (typeof host !== "string" || typeof prefix !== "string") return null;
    const [network, length] = prefix.split("/");
    const wanted = __bytes(network);
    if (wanted === undefined || !/^\d+$/.test(length)) return false;
    if (Number(length) > wanted.length * 8) return false;
    const all = __bytes(host) === undefined ? __resolve(host) : [host];
    return all.some((ip) => {
      const given = __bytes(ip);
      return given !== undefined &&
        isSamePrefix(given, wanted, Number(length));
    });
  },

  /** IPv6 first, as callers of it expect. */
  sortIpAddressList(list) {
    if (typeof list !== "string") return null;
    const all = list.split(";").map((ip) => ip.trim()).filter(Boolean);
    if (all.length === 0) return false;
    if (all.some((ip) => __bytes(ip) === undefined)) return false;
    return all.map((ip) => [ip, __bytes(ip)])
      .sort(([, left], [, right]) =>
        right.length - left.length || compare(left, right)
      ).map(([ip]) => ip).join(";");
  },

  getClientVersion: () => "1.0",

  shExpMatch(text, glob) {
    const expression = expressionOf(String(glob));
    return expression?.test(String(text)) ?? isGlob(String(text), String(glob));
  },

  alert: (text) => __alert(String(text)),

  weekdayRange(...words) {
    const { isGmt, values } = withoutGmt(words);
    const [from = -1, to = from] = values.map((day) => DAYS.indexOf(day));
    if (from < 0 || to < 0) return false;
    return isBetween(now(isGmt).day, from, to);
  },

  dateRange(...words) {
    const { isGmt, values } = withoutGmt(words);
    const parts = values.map(datePart);
    if (parts.length === 0) return false;
    if (parts.some(({ value }) => Number.isNaN(value))) return false;
    const today = now(isGmt);
    const kinds = ["year", "month", "date"]
      .filter((kind) => parts.some((part) => part.kind === kind));
    // Two of each kind are a range; one of each, 24 DEC, is a day.
    const isRange = parts.length === kinds.length * 2;
    const [from, to] = isRange
      ? [parts.slice(0, kinds.length), parts.slice(kinds.length)]
      : [parts, parts];
    const rank = (some) =>
      kinds.map((kind) => some.find((part) => part.kind === kind)?.value);
    return isBetween(
      kinds.map((kind) => today[kind]),
      rank(from),
      rank(to),
    );
  },

  timeRange(...words) {
    const { isGmt, values } = withoutGmt(words);
    const { hour, minute, second } = now(isGmt);
    if (values.length === 1) return hour === Number(values[0]);
    const half = values.length / 2;
    const [from, to] = [values.slice(0, half), values.slice(half)]
      .map((parts) => parts.map(Number));
    // As in browsers, the range includes the last hour, minute or second.
    return isBetween([hour, minute, second].slice(0, half), from, to);
  },
};

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = [
  ..."JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" "),
];

function withoutGmt(words) {
  const isGmt = words.at(-1) === "GMT";
  return { isGmt, values: isGmt ? words.slice(0, -1) : words };
}

function now(isGmt) {
  const date = new Date();
  const get = (part) => date[`get${isGmt ? "UTC" : ""}${part}`]();
  return {
    day: get("Day"),
    year: get("FullYear"),
    month: get("Month"),
    date: get("Date"),
    hour: get("Hours"),
    minute: get("Minutes"),
    second: get("Seconds"),
  };
}

function datePart(word) {
  const month = MONTHS.indexOf(word);
  if (month >= 0) return { kind: "month", value: month };
  const value = Number(word);
  return { kind: value > 31 ? "year" : "date", value };
}

/** Whether a value is in a range. The range may cross the end of the week, the year or the day. */
function isBetween(value, from, to) {
  const [here, first, last] = [value, from, to].map((each) => [each].flat());
  return compare(first, last) <= 0
    ? compare(first, here) <= 0 && compare(here, last) <= 0
    : compare(first, here) <= 0 || compare(here, last) <= 0;
}

function compare(left, right) {
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return left[at] < right[at] ? -1 : 1;
  }
  return 0;
}

function isIpv4(text) {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return parts !== null && parts.slice(1).every((part) => part <= 255);
}

/** Only texts are names, as in Chromium. */
function addressesOf(host) {
  return typeof host === "string" ? __resolve(host) : [];
}

/** IPv4 and IPv6 are compared as IPv6, where `a.b.c.d` is `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2). */
function isSamePrefix(given, wanted, length) {
  if (given.length !== wanted.length) {
    const added = wanted.length < 16 ? 96 : 0;
    return isSamePrefix(mapped(given), mapped(wanted), length + added);
  }
  return given.every((byte, at) => {
    const bits = Math.min(8, Math.max(0, length - at * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === (wanted[at] & mask);
  });
}

function mapped(bytes) {
  return bytes.length === 16
    ? bytes
    : [...Array(10).fill(0), 0xff, 0xff, ...bytes];
}

/** What regular expressions have, and globs do not. */
const SPECIAL = /[\\^$+()[\]{}|]/;

/**
 * Browsers make a regular expression of a glob, in which only `.`, `*` and `?` are
 * changed. So `(a|b)` and `[0-9]` are what they are there. `undefined` where the
 * glob is just that, or no regular expression.
 */
function expressionOf(glob) {
  if (!SPECIAL.test(glob)) return undefined;
  const text = glob.replace(/\./g, "\\.").replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  try {
    return new RegExp(`^${text}$`);
  } catch {
    return undefined;
  }
}

/** `*` is any text, `?` any character. The time is at most the product of both lengths. */
function isGlob(text, glob) {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    if (from < glob.length && (glob[from] === "?" || glob[from] === text[at])) {
      at += 1;
      from += 1;
    } else if (glob[from] === "*") {
      star = from;
      mark = at;
      from += 1;
    } else if (star >= 0) {
      from = star + 1;
      mark += 1;
      at = mark;
    } else return false;
  }
  while (glob[from] === "*") from += 1;
  return from === glob.length;
}

Object.assign(globalThis, FUNCTIONS);
