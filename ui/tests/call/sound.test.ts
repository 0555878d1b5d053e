// @vitest-environment jsdom
import { RoomEvent, Track, type RemoteTrack, type Room } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Sound } from '../../src/call/livekit/sound';
import { Scope } from '../../src/call/scope';

/** What each element is heard on, by what it plays. */
const heard = new Map<string, string[]>();
const sinks = new WeakMap<HTMLMediaElement, string>();

class FakeTrack {
  readonly kind = Track.Kind.Audio;
  readonly elements = new Set<HTMLMediaElement>();
  constructor(readonly name: string) {}
  attach(element: HTMLMediaElement = new Audio()): HTMLMediaElement {
    this.elements.add(element);
    element.dataset['plays'] = this.name;
    heard.set(this.name, [sinks.get(element) ?? '']);
    return element;
  }
  detach(): void {
    this.elements.clear();
  }
}

class FakeRoom {
  readonly #listeners = new Map<string, (track: RemoteTrack) => void>();
  on(event: string, listener: (track: RemoteTrack) => void): void {
    this.#listeners.set(event, listener);
  }
  off(event: string): void {
    this.#listeners.delete(event);
  }
  emit(event: string, track: FakeTrack): void {
    this.#listeners.get(event)?.(track as unknown as RemoteTrack);
  }
}

let room: FakeRoom;
let scope: Scope;
/** Lets the next loudspeaker that is asked for answer. */
let answers: (() => void)[];

beforeEach(() => {
  room = new FakeRoom();
  scope = new Scope();
  answers = [];
  heard.clear();
  Object.defineProperty(HTMLMediaElement.prototype, 'setSinkId', {
    configurable: true,
    async value(this: HTMLMediaElement, sinkId: string) {
      await new Promise<void>((resolve) => answers.push(resolve));
      sinks.set(this, sinkId);
      const { plays } = this.dataset;
      if (plays !== undefined) heard.get(plays)?.push(sinkId);
    },
  });
});
afterEach(() => {
  Reflect.deleteProperty(HTMLMediaElement.prototype, 'setSinkId');
  document.body.replaceChildren();
});

async function answer(): Promise<void> {
  answers.shift()?.();
  await vi.waitFor(() => Promise.resolve());
}

describe('a participant who comes', () => {
  it('is heard on the chosen loudspeaker only, and not on the default one before', async () => {
    new Sound(room as unknown as Room, scope, 'headset');
    room.emit(RoomEvent.TrackSubscribed, new FakeTrack('bo'));
    expect(heard.get('bo')).toBeUndefined();
    await answer();
    expect(heard.get('bo')).toEqual(['headset']);
  });

  it('and goes at once is not heard at all', async () => {
    new Sound(room as unknown as Room, scope, 'headset');
    const track = new FakeTrack('bo');
    room.emit(RoomEvent.TrackSubscribed, track);
    room.emit(RoomEvent.TrackUnsubscribed, track);
    await answer();
    expect([heard.size, track.elements.size]).toEqual([0, 0]);
    expect(document.querySelectorAll('audio')).toHaveLength(0);
  });

  it('follows when another loudspeaker is chosen meanwhile', async () => {
    const sound = new Sound(room as unknown as Room, scope, 'headset');
    room.emit(RoomEvent.TrackSubscribed, new FakeTrack('bo'));
    void sound.useSpeaker('speaker');
    await answer();
    await answer();
    expect(heard.get('bo')?.at(-1)).toBe('speaker');
  });
});
