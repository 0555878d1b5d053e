// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Scope } from '../../src/call/scope';
import { RemoteSound } from '../../src/call/remoteSound';

/** What each element is heard on, by what it plays. */
const heard = new Map<string, string[]>();
const sinks = new WeakMap<HTMLMediaElement, string>();

class FakeTrack {
  readonly elements = new Set<HTMLMediaElement>();
  constructor(readonly name: string) {}
  attach(element: HTMLMediaElement = new Audio()): HTMLMediaElement {
    this.elements.add(element);
    element.dataset['plays'] = this.name;
    heard.set(this.name, [sinks.get(element) ?? '']);
    return element;
  }
  detach(element: HTMLMediaElement): void {
    this.elements.delete(element);
  }
}

const loud = (): number => 1;
let scope: Scope;
/** Lets the next loudspeaker that is asked for answer. */
let answers: (() => void)[];

beforeEach(() => {
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
    new RemoteSound(scope, 'headset').play(new FakeTrack('bo'), loud);
    expect(heard.get('bo')).toBeUndefined();
    await answer();
    expect(heard.get('bo')).toEqual(['headset']);
  });

  it('and goes at once is not heard at all', async () => {
    const sound = new RemoteSound(scope, 'headset');
    const track = new FakeTrack('bo');
    sound.play(track, loud);
    sound.stop(track);
    await answer();
    expect([heard.size, track.elements.size]).toEqual([0, 0]);
    expect(document.querySelectorAll('audio')).toHaveLength(0);
  });

  it('follows when another loudspeaker is chosen meanwhile', async () => {
    const sound = new RemoteSound(scope, 'headset');
    sound.play(new FakeTrack('bo'), loud);
    void sound.useSpeaker('speaker');
    await answer();
    await answer();
    expect(heard.get('bo')?.at(-1)).toBe('speaker');
  });
});

describe('a webview that plays nothing before a click', () => {
  it('says so, and plays everybody after it', async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play');
    const refused = Object.assign(new Error('no gesture'), { name: 'NotAllowedError' });
    play.mockRejectedValue(refused);
    const sound = new RemoteSound(scope, '');
    const told = vi.fn();
    sound.changed.add(told);
    sound.play(new FakeTrack('bo'), loud);
    await answer();
    await vi.waitFor(() => {
      expect(sound.blocked).toBe(true);
    });
    expect(told).toHaveBeenCalledOnce();
    play.mockResolvedValue();
    await sound.unblock();
    expect(sound.blocked).toBe(false);
    expect(told).toHaveBeenCalledTimes(2);
    play.mockRestore();
  });
});

describe('the volume', () => {
  it('is that of the participant from the first sound on, and follows it', async () => {
    const sound = new RemoteSound(scope, '');
    let volume = 0.5;
    sound.play(new FakeTrack('bo'), () => volume);
    await answer();
    const [element] = document.querySelectorAll('audio');
    expect(element?.volume).toBe(0.5);
    volume = 0;
    sound.retune();
    expect(element?.volume).toBe(0);
  });
});
