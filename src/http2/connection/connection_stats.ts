import type { Http2Stats } from "../api.ts";
import type { FrameReader } from "../frames/frame_reader.ts";
import type { ConnectionState } from "./connection_state.ts";

/** A live view of the numbers of a connection, taken from where they are counted. */
export function liveStats(
  connection: ConnectionState,
  reader: FrameReader,
): Http2Stats {
  const { counters, writer, sharedWindow, pings, abuseLimits, scheduler } =
    connection;
  return {
    get bytesSent() {
      return writer.output.bytesSent;
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
      return abuseLimits.settingsReceived;
    },
    get idleFramesReceived() {
      return abuseLimits.idleFramesReceived;
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
      return writer.output.queuedBytes;
    },
    get unreadBytes() {
      return sharedWindow.unread;
    },
    get receiveWindow() {
      return sharedWindow.size;
    },
    get roundTripTime() {
      return pings.roundTrip;
    },
  };
}
