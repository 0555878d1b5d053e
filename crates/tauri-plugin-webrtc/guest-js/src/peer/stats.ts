/** `RTCStatsReport` (W3C webrtc-pc, section 8.4). */
import { nameInterface } from '../surface';
import type { Peer } from './peer';

export class RTCStatsReport extends Map<string, RTCStats> {}
nameInterface(RTCStatsReport, 'RTCStatsReport');

/**
 * A report from the host's reply. A receiver's track keeps the id that it began with, whatever
 * tracks the remote side puts on its section later; the host knows only the latter.
 */
export function statsReport(reply: Record<string, RTCStats>, peer: Peer): RTCStatsReport {
  const report = new RTCStatsReport(Object.entries(reply));
  for (const entry of report.values()) {
    if (entry.type !== 'inbound-rtp') continue;
    const inbound = entry as RTCInboundRtpStreamStats;
    const track = inbound.mid === undefined ? undefined : peer.receivedTrack(inbound.mid);
    if (track !== undefined) inbound.trackIdentifier = track;
  }
  return report;
}
