/**
 * An OpenAPI document as a page: what there is, how to ask, what comes back.
 *
 * @module
 */
import { html } from "hono/html";
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type {
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from "../../../api/document/openapi.ts";
import { MAX_BODY_BYTES } from "../../../api/document/rest_document.ts";
import type { RequestLimits } from "../../rest/request_limits.ts";
import { curlOf } from "./api_example.ts";
import {
  renderFields,
  renderKind,
  renderProse,
  renderType,
  renderWords,
} from "./api_schema.ts";
import type { Markup } from "../../../web/shell.ts";
import { renderTrail } from "../../../web/breadcrumbs.ts";
import { renderCommand } from "../../../web/command.ts";

/** For whom the page is made, so that its examples work as they stand. */
export interface ApiPageView {
  readonly user: string;
  /** Of this server: `https://host:port`. */
  readonly origin: string;
  /** Whether programs must be told to trust its certificate. */
  readonly hasOwnCa: boolean;
  /** How many requests the server takes. */
  readonly limits: RequestLimits;
}

interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The page. */
export function renderApiPage(
  document: OpenApiDocument,
  view: ApiPageView,
): Markup {
  const groups = Map.groupBy(
    placesOf(document),
    ({ operation }) => operation.tags[0] ?? "",
  );
  const base = view.origin + (document.servers?.[0]?.url ?? "");
  return html`
    ${renderTrail([["/", "Tunnels"]], "REST API")}
    <h1>REST API</h1>
    <p class="prose">${renderProse(document.info.description ?? "")}</p>
    <dl>
      <dt>Address</dt>
      <dd><code>${base}</code></dd>
      <dt>For programs</dt>
      <dd><a href="${base}/openapi.json">openapi.json</a>, OpenAPI 3.1</dd>
      <dt>Limits</dt>
      <dd>${limitsText(view.limits)}</dd>
    </dl>
    <h2>Contents</h2>
    ${[...groups.values()].map(renderContents)}
    ${[...groups].map(([group, places]) =>
      html`<h2>${group}</h2>
        ${
        places.map((place) => renderOperation(place, { document, view, base }))
      }`
    )}
    <h2>Shapes</h2>
    ${Object.entries(document.components.schemas).map(([name, schema]) =>
      html`<section class="panel operation" aria-labelledby="shape-${name}">
          <h3 id="shape-${name}">${name}</h3>
          ${renderFields(schema)}
        </section>`
    )}
  `;
}

function limitsText({ users, addresses }: RequestLimits): string {
  const rates = [
    ...users.perSecond === 0 ? [] : [`${users.perSecond} of a user`],
    ...addresses.perSecond === 0
      ? []
      : [`${addresses.perSecond} from an address`],
  ];
  const content = `${MAX_BODY_BYTES / 1024 / 1024} MiB of content`;
  return rates.length === 0
    ? content
    : `${content}; requests a second in the long run: ${rates.join(", ")}`;
}

function placesOf({ paths }: OpenApiDocument): readonly Place[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    }))
  );
}

function renderContents(places: readonly Place[]): Markup {
  return html`
    <ul class="contents">
      ${places.map(({ method, path, operation }) =>
        html`
          <li>
            <a href="#${operation.operationId}">${method} ${path}</a>
            <span>${operation.summary}</span>
          </li>
        `
      )}
    </ul>
  `;
}

function renderOperation(
  { method, path, operation }: Place,
  { document, view, base }: {
    readonly document: OpenApiDocument;
    readonly view: ApiPageView;
    readonly base: string;
  },
): Markup {
  const { operationId, summary, description = "", requestBody } = operation;
  return html`
    <section class="panel operation" aria-labelledby="${operationId}">
      <h3 id="${operationId}">
        <span class="method">${method}</span> <code>${path}</code>
      </h3>
      <p class="prose">${summary}. ${renderProse(description)}</p>
      ${renderParameters(operation.parameters ?? [])}
      ${requestBody === undefined ? "" : renderBody(requestBody.content)}
      ${renderAnswers(operation)}
      ${renderCommand(
        curlOf({ method, path, operation }, { document, ...view, base }),
        `command for ${method} ${path}`,
      )}
    </section>
  `;
}

function renderParameters(
  parameters: readonly OpenApiParameter[],
): Markup | "" {
  const queried = parameters.filter((each) => each.in === "query");
  if (queried.length === 0) return "";
  return html`
    <h4>Parameters</h4>
    <dl class="fields">
      ${queried.map(({ name, required, description = "", schema }) =>
        html`
          <div>
            <dt><code>${name}</code> ${required ? REQUIRED : ""}</dt>
            <dd>${renderProse(description)} ${renderKind(valuesOf(schema))}</dd>
          </div>
        `
      )}
    </dl>
  `;
}

/** In a query there are no quotes. */
function valuesOf(schema: JsonSchema): Markup {
  const { enum: words } = schema;
  return words === undefined
    ? renderType(schema)
    : renderWords(words.map(String));
}

const REQUIRED = html`<span class="badge">required</span>`;

function renderBody(content: OpenApiContent): Markup {
  return html`
    <h4>Content</h4>
    <p>${renderContent(content)}</p>
  `;
}

function renderAnswers({ responses }: OpenApiOperation): Markup {
  return html`
    <h4>Answers</h4>
    <dl class="fields answers">
      ${Object.entries(responses).map((
        [status, { description, content = {} }],
      ) =>
        html`
          <div>
            <dt>${status}</dt>
            <dd>${description}${status < "300"
              ? html`: ${renderContent(content)}`
              : ""}</dd>
          </div>
        `
      )}
    </dl>
  `;
}

function renderContent(content: OpenApiContent): readonly Markup[] {
  return Object.entries(content).map(([type, { schema = {} }]) =>
    type === "application/json"
      ? renderType(schema)
      : html`<code>${type}</code>`
  );
}
