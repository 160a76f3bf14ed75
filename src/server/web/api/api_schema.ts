/**
 * JSON Schemas for people: a type in a few words, an object as a list of its
 * fields.
 *
 * @module
 */
import { html } from "hono/html";
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type { Markup } from "../../../web/shell.ts";

/** Sentences in which what stands in backticks is code. */
export function renderProse(text: string): readonly (string | Markup)[] {
  return text.split("`").map((part, at) =>
    at % 2 === 0 ? part : html`<code>${part}</code>`
  );
}

/** What kind of value it is, with its bounds; a shape is a link to it. */
export function renderType(schema: JsonSchema): Markup {
  const { $ref, anyOf, items, additionalProperties } = schema;
  if ($ref !== undefined) {
    const name = $ref.split("/").at(-1);
    return html`<a href="#shape-${name}">${name}</a>`;
  }
  if (anyOf !== undefined) return renderChoices(anyOf);
  if (items !== undefined) {
    return html`list of ${renderType(items)}${boundsOf(schema)}`;
  }
  if (typeof additionalProperties === "object") {
    return html`object of ${renderType(additionalProperties)}${
      boundsOf(schema)
    }`;
  }
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (values !== undefined) {
    return renderWords(values.map((value) => JSON.stringify(value)));
  }
  return html`${[schema.type ?? "anything"].flat().join(" or ")}${
    boundsOf(schema)
  }`;
}

/** The fields of an object, those of objects in it below. */
export function renderFields(schema: JsonSchema): Markup {
  const { properties, required = [] } = schema;
  if (properties === undefined) return html`<p>${renderType(schema)}</p>`;
  return html`<dl class="fields">
      ${
    Object.entries(properties).map(([name, field]) =>
      html`
        <div>
          <dt>
                    <code>${name}</code>
                    ${required.includes(name) ? "" : OPTIONAL}
                  </dt>
          <dd>${renderField(field)}</dd>
        </div>
      `
    )
  }
    </dl>`;
}

const OPTIONAL = html`<span class="badge">optional</span>`;

function renderField(field: JsonSchema): Markup {
  const { description = "", properties } = field;
  if (properties === undefined) {
    return html`${renderProse(description)} ${renderKind(renderType(field))}`;
  }
  return html`${renderProse(description)} ${renderFields(field)}`;
}

/** A type below what it is for. */
export function renderKind(type: Markup): Markup {
  return html`<span class="kind">${type}</span>`;
}

function renderChoices(choices: readonly JsonSchema[]): Markup {
  return html`${
    choices.map((choice, at) =>
      html`${at === 0 ? "" : " or "}${renderType(choice)} ${
        renderProse(choice.description ?? "")
      }`
    )
  }`;
}

/** The words that may be said. */
export function renderWords(words: readonly string[]): Markup {
  return html`${
    words.map((word, at) => html`${at === 0 ? "" : " or "}<code>${word}</code>`)
  }`;
}

function boundsOf(schema: JsonSchema): string {
  const { minLength = 0, maxLength, maxItems, maxProperties } = schema;
  const { minimum, exclusiveMinimum, maximum } = schema;
  const bounds = [
    maxLength === undefined
      ? ""
      : `${
        minLength > 0 ? `${minLength} to` : "up to"
      } ${maxLength} characters`,
    maxItems === undefined ? "" : `up to ${maxItems} entries`,
    maxProperties === undefined ? "" : `up to ${maxProperties} entries`,
    minimum === undefined ? "" : `from ${minimum}`,
    exclusiveMinimum === undefined ? "" : `above ${exclusiveMinimum}`,
    maximum === undefined ? "" : `to ${maximum}`,
  ].filter((bound) => bound !== "");
  return bounds.length === 0 ? "" : ` (${bounds.join(" ")})`;
}
