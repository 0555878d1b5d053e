// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';

import { Staging } from '../../src/room/staging.svelte';
import { someone, type Someone } from '../support/standIns';

const on = { muted: false, paused: false };

describe('what is on a stage', () => {
  let people: readonly Someone[] = $state.raw([]);
  let sharing: readonly Someone[] = $state.raw([]);
  let staging: Staging;
  const me = someone('me', { local: true });
  const names = (): string[] =>
    staging.placed.map(({ participant, source, large }) =>
      [participant.identity, source === 'screen' ? 's' : '', large ? 'L' : ''].join(''),
    );
  const others = (count: number): Someone[] =>
    Array.from({ length: count }, (_, index) => someone(`p${index}`, { microphone: on }));
  /** They are heard for a while, and before and after them nobody. */
  const speak = (who: Someone | undefined, now: number): void => {
    who?.change({ speaking: true, level: 0.5 });
    staging.hear(now);
    who?.change({ speaking: false, level: 0 });
  };

  beforeEach(() => {
    localStorage.clear();
    sharing = [];
    staging = new Staging(
      () => people,
      () => sharing,
    );
    staging.resize({ width: 1240, height: 640 });
  });

  it('is oneself alone, then the other with oneself small', () => {
    people = [me];
    expect(names()).toEqual(['meL']);
    people = [me, ...others(1)];
    expect(names()).toEqual(['p0L', 'me']);
    people = [me, ...others(3)];
    expect(names()).toEqual(['p0', 'p1', 'p2', 'me']);
  });

  it('leaves who stays in their seats when somebody goes', () => {
    const [first, second, third, fourth] = others(4) as [Someone, Someone, Someone, Someone];
    people = [me, first, second, third, fourth];
    expect(names()).toEqual(['p0', 'p1', 'p2', 'p3', 'me']);
    const key = staging.placed[2]?.key;
    people = [me, first, third, fourth];
    expect(names()).toEqual(['p0', 'p3', 'p2', 'me']);
    expect(staging.placed[2]?.key).toBe(key);
  });

  it('has whoever speaks large, and who was large in their seat', () => {
    const all = others(4);
    people = [me, ...all];
    staging.like({ arrangement: 'speaker' });
    expect(names()).toEqual(['p0L', 'p1', 'p2', 'p3', 'me']);
    speak(all[2], 1_000);
    expect(staging.speaking).toEqual([all[2]?.id]);
    expect(names()).toEqual(['p2L', 'p1', 'p0', 'p3', 'me']);
    // Silence changes nothing, nor does one's own voice.
    staging.hear(9_000);
    me.change({ microphone: on });
    speak(me, 10_000);
    expect(names()).toEqual(['p2L', 'p1', 'p0', 'p3', 'me']);
  });

  it('has shared screens first, all of them, and cameras small', () => {
    const all = others(3);
    people = [me, ...all];
    sharing = all.slice(0, 2);
    expect(names()).toEqual(['p0sL', 'p1sL', 'p0', 'p1', 'p2', 'me']);
    const pinned = staging.placed[1];
    staging.pin(pinned);
    expect(names()).toEqual(['p1sL', 'p0s', 'p0', 'p1', 'p2', 'me']);
    sharing = all.slice(0, 1);
    expect(staging.pinned).toBeUndefined();
    expect(names()).toEqual(['p0sL', 'p0', 'p1', 'p2', 'me']);
  });

  it('has who is pinned large until they are unpinned, whoever speaks', () => {
    const all = others(3);
    people = [me, ...all];
    staging.pin(staging.placed[1]);
    speak(all[2], 1_000);
    expect(names()).toEqual(['p1L', 'p0', 'p2', 'me']);
    staging.pin(undefined);
    expect(names()).toEqual(['p0', 'p1', 'p2', 'me']);
  });

  it('brings whoever speaks onto the page that is seen', () => {
    staging.resize({ width: 344, height: 420 });
    const all = others(20);
    people = [me, ...all];
    const size = staging.placed.length - 1;
    expect(staging.pages).toBe(Math.ceil(20 / size));
    speak(all[19], 1_000);
    expect(names()).toContain('p19');
    expect(names()).toHaveLength(size + 1);
    expect(names().slice(0, size - 1)).toEqual(all.slice(0, size - 1).map((each) => each.identity));
    staging.turn(1);
    speak(all[0], 9_000);
    expect(names()).toContain('p0');
    // There is no page before the first one.
    for (const by of [-1, -1, -1, 1] as const) staging.turn(by);
    expect(staging.page).toBe(1);
    people = [me, ...all.slice(0, 2)];
    expect([staging.page, staging.pages]).toEqual([0, 1]);
  });

  it('brings whoever goes on speaking onto the page when that has become smaller', () => {
    const all = others(20);
    people = [me, ...all];
    all[19]?.change({ speaking: true, level: 0.5 });
    staging.hear(1_000);
    expect(staging.pages).toBe(1);
    staging.resize({ width: 344, height: 420 });
    expect(staging.pages).toBeGreaterThan(1);
    staging.hear(1_100);
    expect(names()).toContain('p19');
    // And onto one that is turned to.
    staging.turn(1);
    staging.hear(1_200);
    expect(names()).toContain('p19');
  });

  it('is without the own view where that is hidden, but not alone; that is remembered', () => {
    people = [me, ...others(2)];
    staging.like({ hidden: true, corner: 'top-left' });
    expect(names()).toEqual(['p0', 'p1']);
    people = [me];
    expect(names()).toEqual(['meL']);
    expect(
      new Staging(
        () => [],
        () => [],
      ).kept,
    ).toMatchObject({ hidden: true, corner: 'top-left' });
    localStorage.setItem('room', '{"corner":"above","hidden":1,"pictures":[]}');
    const { kept } = new Staging(
      () => [],
      () => [],
    );
    expect(kept).toMatchObject({ corner: 'bottom-right', hidden: false, pictures: 'all' });
  });

  it('has no screens where no pictures are wanted', () => {
    const all = others(2);
    people = [me, ...all];
    sharing = all;
    staging.like({ pictures: 'none' });
    expect(names()).toEqual(['p0', 'p1', 'me']);
  });
});
