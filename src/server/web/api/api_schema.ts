/** JSON Schemas as HTML: a type in a few words, an object as a list of properties. */
import { html } from "hono/html";
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type { Markup } from "../../../web/layout.ts";

/** Text in which backticks mark code. */
export function renderProse(text: string): readonly (string | Markup)[] {
  return text.split("`").map((part, at) =>
    at % 2 === 0 ? part : html`<code>${part}</code>`
  );
}

/** A type with its bounds. A named schema is a link. */
export function renderType(schema: JsonSchema): Markup {
  const { $ref, anyOf, items, additionalProperties } = schema;
  if ($ref !== undefined) {
    const name = $ref.split("/").at(-1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (anyOf !== undefined) return renderAlternatives(anyOf);
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
    return renderValues(values.map((value) => JSON.stringify(value)));
  }
  return html`${[schema.type ?? "anything"].flat().join(" or ")}${
    boundsOf(schema)
  }`;
}

/** The properties of an object, with nested ones. */
export function renderProperties(schema: JsonSchema): Markup {
  const { properties, required = [] } = schema;
  if (properties === undefined) return html`<p>${renderType(schema)}</p>`;
  return html`<dl class="rows">
      ${
    Object.entries(properties).map(([name, property]) =>
      html`
        <div>
          <dt>
                    <code>${name}</code>
                    ${required.includes(name) ? "" : OPTIONAL}
                  </dt>
          <dd>${renderProperty(property)}</dd>
        </div>
      `
    )
  }
    </dl>`;
}

const OPTIONAL = html`<span class="badge">optional</span>`;

function renderProperty(property: JsonSchema): Markup {
  const { description = "", properties } = property;
  if (properties === undefined) {
    return html`${renderProse(description)} ${
      renderTypeLine(renderType(property))
    }`;
  }
  return html`${renderProse(description)} ${renderProperties(property)}`;
}

/** The type, on a line below the description. */
export function renderTypeLine(type: Markup): Markup {
  return html`<span class="kind">${type}</span>`;
}

function renderAlternatives(choices: readonly JsonSchema[]): Markup {
  return html`${
    choices.map((choice, at) =>
      html`${at === 0 ? "" : " or "}${renderType(choice)} ${
        renderProse(choice.description ?? "")
      }`
    )
  }`;
}

/** The allowed values. */
export function renderValues(values: readonly string[]): Markup {
  return html`${
    values.map((value, at) =>
      html`${at === 0 ? "" : " or "}<code>${value}</code>`
    )
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
