/** `getCapabilities` of senders and receivers. */
import { CAPABILITIES } from '../capabilities';
import type { Capabilities, Side } from '../wire';

/** What a sender or receiver of this kind can do; null for an unknown kind. */
export function capabilities(kind: unknown, side: Side): Capabilities | null {
  return kind === 'audio' || kind === 'video' ? structuredClone(CAPABILITIES[kind][side]) : null;
}
