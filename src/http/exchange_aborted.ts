/**
 * Thrown by a handler to end its exchange without a response: the peer sees a
 * reset.
 */
export class ExchangeAborted extends Error {
  /** Always `ExchangeAborted`. */
  override readonly name = "ExchangeAborted";
}
