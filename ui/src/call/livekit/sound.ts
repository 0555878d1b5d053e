import { RoomEvent, Track, type RemoteTrack, type Room } from 'livekit-client';

import type { Scope } from '../scope';

/** Plays every remote audio track of a room, on one chosen loudspeaker. */
export class Sound {
  readonly #elements = new Map<RemoteTrack, HTMLMediaElement>();
  #speaker: string;

  constructor(room: Room, scope: Scope, speaker: string) {
    this.#speaker = speaker;
    const subscribed = (track: RemoteTrack): void => {
      if (track.kind === Track.Kind.Audio) this.#play(track);
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
    if (deviceId === this.#speaker) return;
    this.#speaker = deviceId;
    await Promise.all([...this.#elements.values()].map((element) => this.#route(element)));
  }

  #play(track: RemoteTrack): void {
    const element = document.createElement('audio');
    element.style.display = 'none';
    document.body.append(element);
    this.#elements.set(track, element);
    void this.#begin(track, element);
  }

  /** On the chosen loudspeaker from the first sound on: the default one may be somebody else's. */
  async #begin(track: RemoteTrack, element: HTMLMediaElement): Promise<void> {
    await this.#route(element);
    if (this.#elements.get(track) === element) track.attach(element);
  }

  #stop(track: RemoteTrack): void {
    track.detach();
    this.#elements.get(track)?.remove();
    this.#elements.delete(track);
  }

  /** Done here and not by the SDK, which believes that no Safari can. */
  async #route(element: HTMLMediaElement): Promise<void> {
    if (!('setSinkId' in element)) return;
    const speaker = this.#speaker;
    try {
      await element.setSinkId(speaker);
    } catch {
      // The loudspeaker is gone: the system's default plays on, unless another was chosen since.
      if (speaker === this.#speaker) await element.setSinkId('');
    }
  }
}
