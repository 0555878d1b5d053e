/** How loud a track is: sound does not enter the page, its level does. */
import type { TrackCore } from '../media/track';
import { host } from '../transport';
import type { SynchronizationSource } from '../wire';

/** Those who follow a track's level, by the host's id of the track. */
const watchers = new Map<number, number>();

function watch(track: number, on: boolean): void {
  const before = watchers.get(track) ?? 0;
  const now = before + (on ? 1 : -1);
  if (now > 0) watchers.set(track, now);
  else watchers.delete(track);
  if (before === 0 || now === 0) host().post({ op: 'watchLevel', track, on });
}

/**
 * Follows a track's level, 0 to 1 (root mean square), and where a remote one's packets come from,
 * from now until ended. The returned function ends it. `wanted` is asked once the host knows the track.
 */
export function followLevel(
  core: TrackCore,
  wanted: () => boolean,
  changed: (level: number, source: SynchronizationSource | null) => void,
): () => void {
  let stop: (() => void) | undefined;
  let ended = false;
  core.whenBound((track) => {
    if (ended || core.ended || !wanted()) return;
    watch(track, true);
    const unlisten = host().listenTrack(track, {
      event: (event) => {
        if (event.event === 'audioLevel') changed(core.enabled ? event.level : 0, event.source);
      },
      lost: () => changed(0, null),
    });
    stop = () => {
      unlisten();
      watch(track, false);
      changed(0, null);
    };
  });
  const end = (): void => {
    ended = true;
    stop?.();
    stop = undefined;
    core.observers.delete(follow);
  };
  // Not the event: stop() has none.
  const follow = (): void => {
    if (core.ended) end();
  };
  core.observers.add(follow);
  return end;
}

/**
 * Noise with a root mean square of 1, falling with frequency as speech does. The generator is
 * seeded: what a meter shows depends on the level alone.
 */
export function noise(length: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(length);
  let seed = 0x2545f491;
  let low = 0;
  let squares = 0;
  for (let i = 0; i < length; i += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const white = seed / 0x80000000 - 1;
    low += 0.2 * (white - low);
    samples[i] = low + 0.2 * white;
    squares += (low + 0.2 * white) ** 2;
  }
  const scale = 1 / Math.sqrt(squares / length);
  for (let i = 0; i < length; i += 1) samples[i] = (samples[i] ?? 0) * scale;
  return samples;
}
