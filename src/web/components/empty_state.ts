/** What a page shows instead of a list that is empty. */
import { html } from "hono/html";
import type { Markup } from "../layout.ts";

/**
 * A box with a sentence, and what to do about it.
 *
 * @param rest Paragraphs and commands.
 */
export function renderEmptyState(title: string, rest: Markup): Markup {
  return html`
    <div class="panel empty">
      <p>${title}</p>
      ${rest}
    </div>
  `;
}

/** A search without results. */
export function renderNoMatches(
  { title, searched, all }: {
    readonly title: string;
    /** The sentence that says what is searched. */
    readonly searched: string;
    /** Path of the list without a filter. */
    readonly all: string;
  },
): Markup {
  return renderEmptyState(
    title,
    html`<p>${searched} <a href="${all}">Show all</a></p>`,
  );
}

/** A section of a page. */
export interface SectionContent {
  /** `undefined` when there is nothing to show. */
  readonly content: Markup | undefined;
  /** The sentence that is shown then. */
  readonly none: string;
}

/** A heading with its content, or with a sentence that there is none. */
export function renderSection(
  title: string,
  { content, none }: SectionContent,
): Markup {
  return html`
    <h2>${title}</h2>
    ${content ?? html`<p class="hint">${none}</p>`}
  `;
}
