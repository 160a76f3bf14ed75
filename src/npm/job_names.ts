/** Characters of a job's name that its test gives; the rest tells runs apart. */
const MAX_TITLE = 80;

/**
 * The name of a job for one run of one test: readable, and never the same twice.
 *
 * @param title What the framework calls the test.
 */
export function jobName(title: string): string {
  const plain = title.normalize("NFKD").replace(/[^\w.]+/g, "-")
    .replace(/^-+|-+$/g, "").slice(0, MAX_TITLE);
  return `${plain || "test"}-${crypto.randomUUID().slice(0, 8)}`;
}
