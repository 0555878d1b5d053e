import { liveKit } from '../../src/call/livekit/provider';
import type { Call, LocalMedia, Participant } from '../../src/call/model';
import type { World } from './world';

export const device = (): MediaStreamTrack => ({ getConstraints: () => ({}) }) as MediaStreamTrack;

/** Joins the way the page does, with microphone and camera if not told otherwise. */
export async function joinIn(
  world: World,
  media: LocalMedia = { microphone: device(), camera: device() },
): Promise<Call> {
  const user = await liveKit.connectUser(world.token);
  return await user.join(media);
}

export function participant(call: Call, identity: string): Participant {
  const found = call.participants.find((each) => each.identity === identity);
  if (found === undefined) throw new Error(`${identity} is not shown`);
  return found;
}
