/**
 * What the REST API answers to everybody, without credentials.
 *
 * @module
 */
import { z } from "zod";
import { NO_INPUT, type Operation } from "./operation.ts";
import {
  type DownloadQuery,
  downloadQuery,
  type VersionsQuery,
  versionsQuery,
} from "../resources/tunnel_queries.ts";
import {
  type DownloadReply,
  downloadReply,
  type VersionsReply,
  versionsReply,
} from "../resources/tunnel_replies.ts";

const PUBLIC = {
  ...NO_INPUT,
  method: "get",
  group: "For everybody",
  isPublic: true,
} as const;

/** Which versions of the program there are. */
export const getVersions: Operation<VersionsReply, VersionsQuery> = {
  ...PUBLIC,
  id: "getVersions",
  path: "/public/tunnels/info/versions",
  summary: "The version of this server, and whether a client is older",
  query: versionsQuery,
  reply: { summary: "The versions", schema: versionsReply },
};

/** Where the client can be downloaded: nowhere, in the words of Sauce Connect. */
export const getDownload: Operation<DownloadReply, DownloadQuery> = {
  ...PUBLIC,
  id: "getDownload",
  path: "/public/tunnels/sauce-connect/download",
  summary: "Why nothing can be downloaded here",
  details: "Programs that start Sauce Connect ask this for where to get it. " +
    "This server offers no downloads, and says so in the form they know.",
  query: downloadQuery,
  reply: { summary: "There is no download", schema: downloadReply },
};

/** The CA that test browsers must trust. */
export const getBrowserCa: Operation<string> = {
  ...PUBLIC,
  id: "getBrowserCa",
  path: "/public/ca.pem",
  summary: "The CA that test browsers must trust where TLS is opened",
  reply: {
    summary: "The certificate in PEM",
    type: "application/x-pem-file",
    schema: z.string(),
    headers: {
      "Content-Disposition": 'attachment; filename="sallyport-ca.pem"',
    },
  },
};

/** The document of the API. */
export const getDocument: Operation<object> = {
  ...PUBLIC,
  id: "getDocument",
  path: "/openapi.json",
  summary: "This document",
  reply: {
    summary: "The API in OpenAPI 3.1",
    schema: z.looseObject({ openapi: z.literal("3.1.0") }),
  },
};
