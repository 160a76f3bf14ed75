/** Operations of the REST API without credentials. */
import { z } from "zod";
import { type AnyOperation, NO_INPUT } from "./operation.ts";
import { downloadQuery, versionsQuery } from "../resources/tunnel_queries.ts";
import { downloadReply, versionsReply } from "../resources/client_messages.ts";

const PUBLIC = {
  ...NO_INPUT,
  method: "get",
  group: "For everybody",
  isPublic: true,
} as const;

/** Versions of the program. */
export const getVersions = {
  ...PUBLIC,
  id: "getVersions",
  path: "/public/tunnels/info/versions",
  summary: "The version of this server, and whether a client is older",
  query: versionsQuery,
  reply: { summary: "The versions", schema: versionsReply },
} satisfies AnyOperation;

/** Says in Sauce Connect's form that there is no download. */
export const getDownload = {
  ...PUBLIC,
  id: "getDownload",
  path: "/public/tunnels/sauce-connect/download",
  summary: "Why nothing can be downloaded here",
  details: "Programs that start Sauce Connect look here for its download. " +
    "This server offers none, and says so in the form they expect.",
  query: downloadQuery,
  reply: { summary: "There is no download", schema: downloadReply },
} satisfies AnyOperation;

/** The CA that test browsers must trust. */
export const getBrowserCa = {
  ...PUBLIC,
  id: "getBrowserCa",
  path: "/public/ca.pem",
  summary: "The CA that test browsers must trust if TLS is intercepted",
  reply: {
    summary: "The certificate in PEM",
    type: "application/x-pem-file",
    schema: z.string(),
    headers: {
      "Content-Disposition": 'attachment; filename="sallyport-ca.pem"',
    },
  },
} satisfies AnyOperation;

/** The document of the API. */
export const getDocument = {
  ...PUBLIC,
  id: "getDocument",
  path: "/openapi.json",
  summary: "This document",
  reply: {
    summary: "The API in OpenAPI 3.1",
    schema: z.looseObject({ openapi: z.literal("3.1.0") }),
  },
} satisfies AnyOperation;
