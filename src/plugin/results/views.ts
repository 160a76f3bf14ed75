/* Messages as hooks see them: read only, and parsed only as far as needed. */
import { Fields } from "../../http/fields.ts";
import type {
  ReadonlyHeaders,
  ReadonlyRequest,
  ReadonlyResponse,
} from "../api/messages.ts";
import type { RequestData, ResponseData } from "./outcomes.ts";

/** Fields without methods to change them: such changes would be lost. */
class HeadersView implements ReadonlyHeaders {
  readonly #fields: Fields;

  constructor(flat: readonly string[]) {
    this.#fields = new Fields([...flat]);
  }

  get size(): number {
    return this.#fields.size;
  }

  get(name: string): string | undefined {
    return this.#fields.get(name);
  }

  getAll(name: string): readonly string[] {
    return this.#fields.getAll(name);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  [Symbol.iterator](): Iterator<[name: string, value: string]> {
    return this.#fields[Symbol.iterator]();
  }
}

/** A request as hooks see it. */
export class RequestView implements ReadonlyRequest {
  readonly method: string;
  readonly upgrade: string | undefined;
  readonly headers: ReadonlyHeaders;
  readonly #href: string;
  #url: URL | undefined;

  constructor({ method, url, headers, upgrade }: RequestData) {
    this.method = method;
    this.upgrade = upgrade;
    this.headers = new HeadersView(headers);
    this.#href = url;
  }

  get url(): Readonly<URL> {
    return this.#url ??= new URL(this.#href);
  }
}

/** A response as hooks see it. */
export class ResponseView implements ReadonlyResponse {
  readonly status: number;
  readonly headers: ReadonlyHeaders;

  constructor({ status, headers }: ResponseData) {
    this.status = status;
    this.headers = new HeadersView(headers);
  }
}
