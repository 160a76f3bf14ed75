/**
 * The OpenAPI document as a page: endpoints, parameters, responses, schemas.
 *
 * No package replaces it. Swagger UI fails the accessibility checks and needs
 * `data:` images. Redoc and RapiDoc need inline styles. Each is 0.9 to 1.9 MB of
 * scripts. This page needs no script, and fills in the user and the CA.
 */
import { Hono } from "hono";
import { html } from "hono/html";
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type {
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from "../../../api/document/openapi.ts";
import {
  MAX_BODY_BYTES,
  restDocument,
} from "../../../api/document/rest_document.ts";
import { renderCommand } from "../../../web/components/copyable.ts";
import { type Markup, renderBreadcrumbs } from "../../../web/layout.ts";
import {
  type RequestLimits,
  requestLimits,
} from "../../rest/request_limits.ts";
import { API_PAGE, type ServerLayout } from "../layout.ts";
import type { PageEnv } from "../session/sign_in.ts";
import { type Endpoint, restCommand } from "./api_example.ts";
import {
  renderProperties,
  renderProse,
  renderType,
  renderTypeLine,
  renderValues,
} from "./api_schema.ts";

/** The user and the server, so that the example commands can be copied as they are. */
export interface ApiPageView {
  readonly user: string;
  /** Origin of this server: `https://host:port`. */
  readonly origin: string;
  /** Whether clients must be given the CA of its certificate. */
  readonly hasOwnCa: boolean;
  /** Rate limits of requests. */
  readonly limits: RequestLimits;
}

/** `GET /docs`. */
export function apiPageRoute(
  { version, caFile, limits = requestLimits(), layout }: {
    readonly version: string;
    /** The server's self-made CA that is in use now, if there is one. */
    readonly caFile?: (() => string | undefined) | undefined;
    readonly limits?: RequestLimits | undefined;
    readonly layout: ServerLayout;
  },
): Hono<PageEnv> {
  let document: OpenApiDocument | undefined;
  return new Hono<PageEnv>().get(API_PAGE, (context) => {
    document ??= restDocument(version);
    const main = renderApiPage(document, {
      user: context.get("user"),
      origin: new URL(context.req.url).origin,
      hasOwnCa: caFile?.() !== undefined,
      limits,
    });
    return layout(context, { title: "REST API", main });
  });
}

/** The page. */
export function renderApiPage(
  document: OpenApiDocument,
  view: ApiPageView,
): Markup {
  const groups = Map.groupBy(
    endpointsOf(document),
    ({ operation }) => operation.tags[0] ?? "",
  );
  const base = view.origin + (document.servers?.[0]?.url ?? "");
  return html`
    ${renderBreadcrumbs([["/", "Tunnels"]], "REST API")}
    <h1>REST API</h1>
    <p class="prose">${renderProse(document.info.description ?? "")}</p>
    <dl>
      <dt>Address</dt>
      <dd><code>${base}</code></dd>
      <dt>OpenAPI document</dt>
      <dd><a href="${base}/openapi.json">openapi.json</a> (3.1)</dd>
      <dt>Limits</dt>
      <dd>${limitsText(view.limits)}</dd>
    </dl>
    <h2>Contents</h2>
    ${[...groups.values()].map(renderContents)}
    ${[...groups].map(([group, endpoints]) =>
      html`<h2>${group}</h2>
        ${
        endpoints.map((endpoint) =>
          renderOperation(endpoint, { document, view, base })
        )
      }`
    )}
    <h2>Schemas</h2>
    ${Object.entries(document.components.schemas).map(([name, schema]) =>
      html`<section class="panel operation" aria-labelledby="schema-${name}">
          <h3 id="schema-${name}">${name}</h3>
          ${renderProperties(schema)}
        </section>`
    )}
  `;
}

function limitsText({ users, addresses }: RequestLimits): string {
  const rates = [
    ...users.perSecond === 0 ? [] : [`${users.perSecond} per user`],
    ...addresses.perSecond === 0 ? [] : [`${addresses.perSecond} per address`],
  ];
  const body = `${MAX_BODY_BYTES / 1024 / 1024} MiB per request body`;
  return rates.length === 0
    ? body
    : `${body}; requests per second on average: ${rates.join(", ")}`;
}

function endpointsOf({ paths }: OpenApiDocument): readonly Endpoint[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    }))
  );
}

function renderContents(endpoints: readonly Endpoint[]): Markup {
  return html`
    <ul class="contents">
      ${endpoints.map(({ method, path, operation }) =>
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
  { method, path, operation }: Endpoint,
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
      ${renderResponses(operation)}
      ${renderCommand(
        restCommand({ method, path, operation }, { document, ...view, base }),
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
    <dl class="rows">
      ${queried.map(({ name, required, description = "", schema }) =>
        html`
          <div>
            <dt><code>${name}</code> ${required ? REQUIRED : ""}</dt>
            <dd>${renderProse(description)} ${renderTypeLine(
              valuesOf(schema),
            )}</dd>
          </div>
        `
      )}
    </dl>
  `;
}

/** Values in a query have no quotes. */
function valuesOf(schema: JsonSchema): Markup {
  const { enum: values } = schema;
  return values === undefined
    ? renderType(schema)
    : renderValues(values.map(String));
}

const REQUIRED = html`<span class="badge">required</span>`;

function renderBody(content: OpenApiContent): Markup {
  return html`
    <h4>Request body</h4>
    <p>${renderContent(content)}</p>
  `;
}

function renderResponses({ responses }: OpenApiOperation): Markup {
  return html`
    <h4>Responses</h4>
    <dl class="rows responses">
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
