/** What senders, receivers and transceivers know of their connection. */
import type { Transports } from './transports';

/** A connection, seen from its parts. */
export interface Peer {
  /** Id on the wire. */
  readonly id: number;
  readonly closed: boolean;
  readonly transports: Transports;
  /** Id of the track that a section's receiver has. */
  receivedTrack(mid: string): string | undefined;
  /** Runs an operation on the connection's operations chain (W3C webrtc-pc, section 4.4.1.2). */
  chain<T>(operation: () => Promise<T>): Promise<T>;
}
