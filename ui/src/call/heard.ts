/** A packet older than this says nothing of now: senders leave silence out. Milliseconds. */
const FRESH = 300;

type Receiver = Pick<RTCRtpReceiver, 'getSynchronizationSources'>;

/**
 * How loud what arrives of a track is, by its newest packet: linear, 0 to 1. Sooner than a server tells
 * who speaks, which it does twice a second. Undefined: its packets do not say.
 */
export function loudnessOf(receiver: Receiver | undefined): number | undefined {
  const [newest] = receiver?.getSynchronizationSources() ?? [];
  if (newest?.audioLevel === undefined) return undefined;
  const { timestamp, audioLevel } = newest;
  // Some count from 1970, others from when the page began.
  const age = Math.min(
    Math.abs(performance.timeOrigin + performance.now() - timestamp),
    Math.abs(performance.now() - timestamp),
  );
  return age > FRESH ? 0 : audioLevel;
}
