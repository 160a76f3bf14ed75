/** Numbers of responses by class of status. */

/** Classes of status codes: the first digit, 1 to 9. */
const CLASSES = 10;

/** Numbers of responses by class. They never go down. */
export class StatusClasses {
  readonly #counts = new Array<number>(CLASSES).fill(0);

  /** Counts a response with this status, 100 to 999. */
  count(status: number): void {
    this.#add(Math.floor(status / 100), 1);
  }

  /** Adds the numbers of others, which count no more. */
  addAll(others: StatusClasses): void {
    for (const [digit, count] of others.#counts.entries()) {
      this.#add(digit, count);
    }
  }

  /** Each class that is usual or was counted, as `2xx`, and its number. */
  get byClass(): readonly (readonly [code: string, count: number])[] {
    return this.#counts.flatMap((count, digit) =>
      isUsual(digit) || count > 0 ? [[`${digit}xx`, count] as const] : []
    );
  }

  #add(digit: number, count: number): void {
    this.#counts[digit] = (this.#counts[digit] ?? 0) + count;
  }
}

/** Classes with a series from the start: a rate needs two values. */
function isUsual(digit: number): boolean {
  return digit >= 2 && digit <= 5;
}
