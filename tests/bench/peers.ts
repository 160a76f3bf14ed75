/**
 * All peers, in the order of the tables.
 *
 * @module
 */
import type { Peer } from "./peer.ts";
import { BARE } from "./peers/bare.ts";
import { CHISEL } from "./peers/chisel.ts";
import { DIRECT } from "./peers/direct.ts";
import { FRP } from "./peers/frp.ts";
import { NGHTTPX } from "./peers/nghttpx.ts";
import { PIKO } from "./peers/piko.ts";
import {
  SSH,
  SSH_AES,
  SSH_FORWARDER,
  SSH_SQUID,
  SSH_TINYPROXY,
} from "./peers/openssh.ts";
import { RATHOLE } from "./peers/rathole.ts";
import { SALLYPORT } from "./peers/sallyport.ts";
import { WSTUNNEL } from "./peers/wstunnel.ts";

/** Ours first; the others are compared with it. */
export const PEERS: readonly Peer[] = [
  SALLYPORT,
  BARE,
  SSH,
  SSH_AES,
  SSH_SQUID,
  SSH_TINYPROXY,
  SSH_FORWARDER,
  NGHTTPX,
  CHISEL,
  FRP,
  WSTUNNEL,
  RATHOLE,
  PIKO,
  DIRECT,
];
