/**
 * The numbers of a connection, gathered from where they are counted.
 *
 * @module
 */
import type { Http2Stats } from "../api.ts";
import type { Endpoint } from "./connection_state.ts";
import type { FrameReader } from "../frames/frame_reader.ts";

/** A view of the present numbers; each look gives the newest. */
export function liveStats(
  endpoint: Endpoint,
  reader: FrameReader,
): Http2Stats {
  const { counters, writer, shared, pings, conduct, scheduler } = endpoint;
  return {
    get bytesSent() {
      return writer.batches.bytesSent;
    },
    get bytesReceived() {
      return reader.bytesReceived;
    },
    get framesReceived() {
      return counters.framesReceived;
    },
    get streamsOpened() {
      return counters.streamsOpened;
    },
    get streamsRefused() {
      return counters.streamsRefused;
    },
    get resetsSent() {
      return counters.resetsSent;
    },
    get resetsReceived() {
      return counters.resetsReceived;
    },
    get settingsReceived() {
      return conduct.settingsReceived;
    },
    get idleFramesReceived() {
      return conduct.idleFramesReceived;
    },
    get fieldSectionsRefused() {
      return counters.fieldSectionsRefused;
    },
    get writesHeldBack() {
      return scheduler.writesHeldBack;
    },
    get limitReached() {
      return counters.limitReached;
    },
    get queuedBytes() {
      return writer.batches.queuedBytes;
    },
    get unreadBytes() {
      return shared.unread;
    },
    get receiveWindow() {
      return shared.size;
    },
    get roundTripTime() {
      return pings.roundTrip;
    },
  };
}
