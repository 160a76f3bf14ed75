/**
 * One HTTP/2 connection between a client and the server, as the server sees it:
 * a place to send exchanges.
 */
import type { Running } from "../async/running.ts";
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import type { Signs } from "./silence.ts";

/** Numbers of one session since it was opened. */
export interface SessionStats {
  /** Bytes of frames sent to the client. */
  readonly bytesSent: number;
  /** Bytes of frames received from the client. */
  readonly bytesReceived: number;
  /** Last measured round trip in milliseconds, or `undefined` before the first. */
  readonly roundTripTime: number | undefined;
}

/** What surrounds an exchange on a session. */
export interface SessionContext extends ExchangeContext {
  /**
   * Called once, when the exchange is over, successful or not.
   *
   * @param isCut Whether the client ended it early, or its connection died.
   */
  readonly onClosed?: ((isCut: boolean) => void) | undefined;
  /**
   * Whether the exchange may be given up while it has no response, if another
   * session may have one sooner. It must do no harm to send it twice.
   */
  readonly isMovable?: boolean;
  /** The tunnel that the exchange is for, on a link between two nodes. Default: the session's own. */
  readonly tunnelId?: string | undefined;
}

/** An open session; disposing it ends all its exchanges at once. */
export interface TunnelSession extends Running, Signs {
  /** Unique on this server. */
  readonly id: string;
  /** Address of the client as `ip:port`. */
  readonly remote: string;
  /** When it was opened, in milliseconds since 1970. */
  readonly openedAt: number;
  /** Exchanges in progress. */
  readonly openExchanges: number;
  /** Whether it takes another exchange now. */
  readonly acceptsExchanges: boolean;
  /** Whether it runs fewer exchanges than the client allows. */
  readonly hasRoom: boolean;
  /** Whether nothing has come since the last PING that checks the client. */
  readonly owesReply: boolean;
  /** Sends such a PING, unless it owes a reply already. */
  check(): void;
  /** Whether content in bulk has passed lately; `now` is `performance.now()`. */
  carriesBulk(now: number): boolean;
  /** Numbers for the page and the metrics. */
  readonly stats: SessionStats;
  /** Sends a request to the client and gives its response. */
  readonly handler: (
    request: ProxyRequest,
    context: SessionContext,
  ) => Promise<ProxyResponse>;
  /** Refuses new exchanges, waits for the running ones, and closes. */
  drain(): Promise<void>;
}
