/**
 * The client's options about the traffic inspector.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import { isOnlyHere } from "./access_config.ts";
import { ConfigError } from "../errors.ts";
import { field, type Fields } from "../field.ts";
import type { GivenValues } from "../sources/given.ts";
import { onOff, size } from "../values/values.ts";

/** What is kept of the traffic, for people to look at. Sizes are in bytes. */
export interface InspectorConfig {
  readonly inspector: boolean;
  readonly inspectorBodies: number;
  readonly inspectorMemory: number;
}

/** Content beyond this is no reading matter, and finding the secrets in it would hold up the tunnel. */
const MAX_BODIES = 1024 * 1024;
/** Below this not even the requests of one page are kept. */
const MIN_MEMORY = 1024 * 1024;

/** Declares the options of `InspectorConfig`. */
export const INSPECTOR_FIELDS: Fields<InspectorConfig> = {
  inspector: field(onOff(), {
    section: "API server",
    help:
      "Keeps the exchanges that pass, and shows them at /inspector of the " +
      "API server: fields, content, what plugins changed. They can be sent " +
      "again, edited, and exported as HAR. Secrets are hidden. Without " +
      "--api-basic-auth the API server must listen on this machine only.",
  }),
  inspectorBodies: field(
    size().refine((bytes) => bytes <= MAX_BODIES, "expected 1Mi at the most")
      .default(64 * 1024),
    {
      section: "API server",
      placeholder: "bytes",
      help: "How much the inspector keeps of the content of each request and " +
        "each answer.",
    },
  ),
  inspectorMemory: field(
    size().refine((bytes) => bytes >= MIN_MEMORY, "expected 1Mi at the least")
      .default(64 * 1024 * 1024),
    {
      section: "API server",
      placeholder: "bytes",
      help: "How much the inspector keeps in all; the oldest exchanges make " +
        "room.",
    },
  ),
};

/**
 * Checks that the inspector can be opened, and not by everybody.
 *
 * @throws {ConfigError} `badValue`, with the places where options are set.
 */
export function checkInspector(
  { inspector, apiAddress, apiBasicAuth }:
    & Pick<InspectorConfig, "inspector">
    & {
      readonly apiAddress: Address | undefined;
      readonly apiBasicAuth: string | undefined;
    },
  given: GivenValues,
): void {
  if (!inspector) return;
  const source = given.get("inspector")?.source ?? "--inspector";
  if (apiAddress === undefined) {
    throw new ConfigError(
      "badValue",
      `Cannot use ${source} without --api-address: its pages are a part of ` +
        "the API server, set an address such as 127.0.0.1:8032",
    );
  }
  if (apiBasicAuth !== undefined || isOnlyHere(apiAddress)) return;
  const place = given.get("api-address")?.source ?? "--api-address";
  throw new ConfigError(
    "badValue",
    `Cannot use ${source} with this ${place}: whoever reaches it could see ` +
      "the traffic and send requests, set --api-basic-auth or an address of " +
      "this machine",
  );
}
