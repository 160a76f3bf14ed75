import type { ByteStream } from "./byte_stream.ts";

/** `stream`, with `onClose` called once when it is closed. Reads and writes pass unchanged. */
export function withCloseHook(
  stream: ByteStream,
  onClose: () => void,
): ByteStream {
  return new CloseHook(stream, onClose);
}

class CloseHook implements ByteStream {
  readonly alpnProtocol: string | undefined;
  readonly #stream: ByteStream;
  #onClose: (() => void) | undefined;

  constructor(stream: ByteStream, onClose: () => void) {
    this.alpnProtocol = stream.alpnProtocol;
    this.#stream = stream;
    this.#onClose = onClose;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#stream.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  close(): void {
    this.#onClose?.();
    this.#onClose = undefined;
    this.#stream.close();
  }
}
