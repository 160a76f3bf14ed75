/** How long the steps to a connection take, for people who ask where the time went. */

/** A step: the look-up of the name, the TCP connection, the TLS handshake. */
export type DialPhase = "dns" | "connect" | "tls";

/** Called when a step has ended, successful or not. Must not throw. */
export type OnPhase = (
  exchangeId: string,
  phase: DialPhase,
  milliseconds: number,
) => void;

/** Times `work`, if there is somebody to tell and the request is known. */
export async function timePhase<Result>(
  phase: DialPhase,
  work: () => Promise<Result>,
  { onPhase, exchangeId }: {
    readonly onPhase: OnPhase | undefined;
    readonly exchangeId: string | undefined;
  },
): Promise<Result> {
  if (onPhase === undefined || exchangeId === undefined) return await work();
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    onPhase(exchangeId, phase, performance.now() - startedAt);
  }
}
