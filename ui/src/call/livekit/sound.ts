import { RoomEvent, Track, type RemoteTrack, type Room } from 'livekit-client';

import type { Scope } from '../scope';

/** How often arrival of the first sound is looked for, milliseconds. */
const LOOK_EVERY = 25;

/** Plays every remote audio track of a room, on one chosen loudspeaker. */
export class Sound {
  readonly #elements = new Map<RemoteTrack, HTMLMediaElement>();
  #speaker: string;

  constructor(room: Room, scope: Scope, speaker: string) {
    this.#speaker = speaker;
    const subscribed = (track: RemoteTrack): void => {
      if (track.kind === Track.Kind.Audio) this.#play(track, scope);
    };
    const unsubscribed = (track: RemoteTrack): void => this.#stop(track);
    room.on(RoomEvent.TrackSubscribed, subscribed);
    room.on(RoomEvent.TrackUnsubscribed, unsubscribed);
    scope.add(() => {
      room.off(RoomEvent.TrackSubscribed, subscribed);
      room.off(RoomEvent.TrackUnsubscribed, unsubscribed);
      for (const track of [...this.#elements.keys()]) this.#stop(track);
    });
  }

  async useSpeaker(deviceId: string): Promise<void> {
    this.#speaker = deviceId;
    await Promise.all([...this.#elements.values()].map((element) => this.#route(element)));
  }

  #play(track: RemoteTrack, scope: Scope): void {
    const element = track.attach();
    element.style.display = 'none';
    document.body.append(element);
    this.#elements.set(track, element);
    void this.#route(element);
    markFirstSound(track, scope);
  }

  #stop(track: RemoteTrack): void {
    track.detach();
    this.#elements.get(track)?.remove();
    this.#elements.delete(track);
  }

  /** Done here and not by the SDK, which believes that no Safari can. */
  async #route(element: HTMLMediaElement): Promise<void> {
    if (!('setSinkId' in element)) return;
    try {
      await element.setSinkId(this.#speaker);
    } catch {
      // The loudspeaker is gone: the system's default plays on.
      await element.setSinkId('');
    }
  }
}

/**
 * Sets the mark `first-remote-sound` when samples that are not silence have left the jitter
 * buffer, which every browser counts as `totalAudioEnergy` (webrtc-stats 8.4).
 */
function markFirstSound(track: RemoteTrack, scope: Scope): void {
  if (performance.getEntriesByName('first-remote-sound').length > 0) return;
  const timer = setInterval(() => {
    void track.receiver?.getStats().then((report: RTCStatsReport) => {
      for (const entry of report.values() as Iterable<{
        type: string;
        totalAudioEnergy?: number;
      }>) {
        if (entry.type !== 'inbound-rtp' || (entry.totalAudioEnergy ?? 0) <= 0) continue;
        clearInterval(timer);
        if (performance.getEntriesByName('first-remote-sound').length > 0) return;
        performance.mark('first-remote-sound');
      }
    });
  }, LOOK_EVERY);
  scope.add(() => clearInterval(timer));
}
