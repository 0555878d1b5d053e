import { liveKit } from '../../src/call/livekit/provider';
import type { Call, Measurement, Participant, TrackSource, TrackView } from '../../src/call/model';
import { LocalDevices } from '../../src/devices/local.svelte';
import { fillInHardware, Hardware } from '../support/devices';
import type { World } from './world';

/** What whoever joined last brought along. */
export const own = { devices: new LocalDevices(), hardware: new Hardware() };

/** Joins the way the page does, with what is not `off` open. */
export async function joinIn(
  world: World,
  off: { microphone?: boolean; camera?: boolean } = {},
  signal?: AbortSignal,
): Promise<Call> {
  own.hardware = fillInHardware();
  own.devices = new LocalDevices(off);
  await own.devices.open();
  const user = await liveKit.connectUser(world.token);
  const call = await user.join(own.devices, signal);
  own.devices.entered();
  return call;
}

export const without = { microphone: true, camera: true };

/** What the others get of somebody's own device: nothing, silence or its content. */
export function sent(world: World, kind: 'audio' | 'video'): 'nothing' | 'silence' | 'live' {
  const published = [...world.room.localParticipant.publications.values()];
  const media = published
    .map(
      ({ track }) => (track as unknown as { mediaStreamTrack: MediaStreamTrack }).mediaStreamTrack,
    )
    .find((each) => each.kind === kind);
  if (media === undefined || media.readyState === 'ended') return 'nothing';
  return media.enabled ? 'live' : 'silence';
}

export function participant(call: Call, identity: string): Participant {
  const found = call.participants.find((each) => each.identity === identity);
  if (found === undefined) throw new Error(`${identity} is not shown`);
  return found;
}

/** What somebody publishes, and undefined for what they do not. */
export function tracksOf(call: Call, identity: string): Record<TrackSource, TrackView | undefined> {
  const nothing = { microphone: undefined, camera: undefined, screen: undefined };
  return { ...nothing, 'screen-audio': undefined, ...participant(call, identity).tracks };
}

/** What an element shows of one's own devices. */
export function streamOf(element: HTMLVideoElement): MediaStreamTrack[] | undefined {
  return (element.srcObject as MediaStream | null)?.getTracks();
}

export async function totals(call: Call): Promise<Measurement> {
  return (await call.statistics()).totals;
}
