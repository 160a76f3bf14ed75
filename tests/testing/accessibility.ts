/**
 * What axe-core finds wrong with a page for people who cannot see it, or use
 * no mouse.
 *
 * @module
 */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** The rules of WCAG 2.1 AA and axe's own good practice that a page breaks, one line each. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // Outside the page's policy, which forbids scripts of others.
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run()");
  return axeResults(found).flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html}`)
  );
}

function axeResults(found: unknown): readonly Violation[] {
  if (typeof found !== "object" || found === null) {
    throw new TypeError("Cannot read what axe-core found");
  }
  if (
    !("violations" in found) || !Array.isArray(found.violations) ||
    !("passes" in found) || !Array.isArray(found.passes) ||
    found.passes.length === 0
  ) {
    throw new TypeError("Cannot read what axe-core found");
  }
  return found.violations;
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}
