/**
 * The answer to what could not be read as a request.
 *
 * @module
 */
import { encodeLatin1 } from "../http/latin1.ts";
import { statusText } from "../http/status_text.ts";

/**
 * A whole response that says `text` and that the connection ends.
 *
 * @param text ASCII, without anything that the client sent.
 */
export function errorPage(status: number, text: string): Uint8Array {
  return encodeLatin1(
    `HTTP/1.1 ${status} ${statusText(status)}\r\n` +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${text.length + 1}\r\n` +
      "Connection: close\r\n" +
      `\r\n${text}\n`,
  );
}
