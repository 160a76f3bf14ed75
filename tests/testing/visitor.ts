/**
 * Somebody with a browser and without its screen: keeps cookies of each site, goes
 * where redirects and `Refresh` lead, and sends the forms of pages.
 *
 * @module
 */

/** A page that the visitor is at. */
export interface VisitedPage {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Redirects in a row after which a browser gives up. */
const MAX_STEPS = 12;

/** The visitor. Disposing it closes its connections. */
export class Visitor implements Disposable {
  /** By origin, then by name. */
  readonly cookies: Map<string, Map<string, string>> = new Map();
  /** Where the visitor came along since the last `open()`. */
  readonly path: string[] = [];
  readonly #client: Deno.HttpClient;

  /** @param ca CAs that the browser trusts, in PEM. */
  constructor(...ca: readonly string[]) {
    this.#client = Deno.createHttpClient({ caCerts: [...ca] });
  }

  /** Opens a page, and goes where it leads. */
  async open(url: string | URL, init: RequestInit = {}): Promise<VisitedPage> {
    this.path.length = 0;
    let at = new URL(url);
    let page = await this.step(at, init);
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const next = nextOf(page.headers);
      if (next === undefined) return page;
      at = new URL(next, at);
      page = await this.step(at);
    }
    throw new Error(`Too many redirects: ${this.path.join(" ")}`);
  }

  /** Makes one request. */
  async step(url: string | URL, init: RequestInit = {}): Promise<VisitedPage> {
    const at = new URL(url);
    this.path.push(at.pathname);
    const headers = new Headers(init.headers);
    headers.set("accept", "text/html");
    const jar = this.#jarOf(at);
    headers.set(
      "cookie",
      Array.from(jar, ([name, value]) => `${name}=${value}`).join("; "),
    );
    const response = await fetch(at, {
      ...init,
      headers,
      redirect: "manual",
      client: this.#client,
    });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return {
      url: at,
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    };
  }

  /** Sends the form of a page that goes to `action`, with the fields that it has already. */
  async send(
    page: VisitedPage,
    action: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<VisitedPage> {
    const [, form = ""] = new RegExp(
      `<form[^>]*action="[^"]*${action}"[^>]*>([\\s\\S]*?)</form>`,
    ).exec(page.text) ?? [];
    const hidden = form.matchAll(/name="([^"]+)" value="([^"]*)"/g);
    const all = Array.from(
      hidden,
      ([, name = "", value = ""]) => [name, value],
    );
    const body = new URLSearchParams({ ...Object.fromEntries(all), ...fields });
    return await this.open(new URL(action, page.url), {
      method: "POST",
      body,
      headers: { "Origin": page.url.origin },
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #jarOf({ origin }: URL): Map<string, string> {
    return this.cookies.getOrInsertComputed(origin, () => new Map());
  }
}

function nextOf(headers: Headers): string | undefined {
  return headers.get("location") ??
    /url=(.*)$/.exec(headers.get("refresh") ?? "")?.[1];
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split("; ");
  const at = pair.indexOf("=");
  const isGone = attributes.some((each) => /^max-age=0$/i.test(each)) ||
    attributes.some((each) => /^expires=Thu, 01 Jan 1970/i.test(each));
  if (isGone) jar.delete(pair.slice(0, at));
  else jar.set(pair.slice(0, at), pair.slice(at + 1));
}
