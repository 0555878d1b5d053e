/** `RTCStatsReport` (W3C webrtc-pc, section 8.4). */
import { nameInterface } from '../surface';

export class RTCStatsReport extends Map<string, RTCStats> {}
nameInterface(RTCStatsReport, 'RTCStatsReport');

/** A report from the host's reply. */
export function statsReport(reply: Record<string, RTCStats>): RTCStatsReport {
  return new RTCStatsReport(Object.entries(reply));
}
