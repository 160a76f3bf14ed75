// The client's options about the traffic inspector.
import { type Address, isLoopbackOnly } from "../../net/address/address.ts";
import { ConfigError } from "../errors.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import type { OptionValues } from "../sources/option_values.ts";
import { onOff, size } from "../values/values.ts";

const field = fieldsIn("Status API");

/** Nobody reads more content, and searching more for secrets would slow down the tunnel. */
const MAX_BODIES = 1024 * 1024;
/** Less memory cannot hold even the requests of one page. */
const MIN_MEMORY = 1024 * 1024;

/** What the inspector keeps of the traffic. Sizes are in bytes. */
export const INSPECTOR_FIELDS = {
  inspector: field(onOff(), {
    summary: "Record requests and show them at /inspector",
    help: "Records requests and shows them at /inspector of the status API: " +
      "fields, content, and changes by plugins. They can be edited, sent " +
      "again, and exported as HAR. Secrets are hidden. Without " +
      "--api-basic-auth the status API must listen on a loopback address.",
  }),
  inspectorBodies: field(
    size().refine((bytes) => bytes <= MAX_BODIES, "expected at most 1Mi")
      .default(64 * 1024),
    {
      placeholder: "bytes",
      summary: "Content to keep of each message",
      help: "How much content the inspector keeps of each request and each " +
        "response.",
    },
  ),
  inspectorMemory: field(
    size().refine((bytes) => bytes >= MIN_MEMORY, "expected at least 1Mi")
      .default(64 * 1024 * 1024),
    {
      placeholder: "bytes",
      summary: "Memory of the inspector",
      help: "How much the inspector keeps in all. It discards the oldest " +
        "requests first.",
    },
  ),
};

/** What the inspector keeps of the traffic. Sizes are in bytes. */
export type InspectorConfig = ConfigOf<typeof INSPECTOR_FIELDS>;

/**
 * Checks that the inspector has an address, and that not everyone can open it.
 *
 * @throws {ConfigError} `badValue`, with the sources of the options.
 */
export function checkInspector(
  { inspector, apiAddress, apiBasicAuth }:
    & Pick<InspectorConfig, "inspector">
    & {
      readonly apiAddress: Address | undefined;
      readonly apiBasicAuth: string | undefined;
    },
  values: OptionValues,
): void {
  if (!inspector) return;
  const source = values.get("inspector")?.source ?? "--inspector";
  if (apiAddress === undefined) {
    throw new ConfigError(
      "badValue",
      `Cannot use ${source} without --api-address: the status API serves its ` +
        "pages, set an address such as 127.0.0.1:8032",
    );
  }
  if (apiBasicAuth !== undefined || isLoopbackOnly(apiAddress)) return;
  const place = values.get("api-address")?.source ?? "--api-address";
  throw new ConfigError(
    "badValue",
    `Cannot use ${source} with this ${place}: others could see the traffic ` +
      "and send requests, set --api-basic-auth or use a loopback address",
  );
}
