/** `getDisplayMedia` (W3C screen-capture, section 5.1). */
import { invalidState } from '../errors';
import { nameInterface } from '../surface';
import { host } from '../transport';
import type { DisplaySource, LocalTrack } from '../wire';
import { copyConstraints, toWire } from './constraints';
import { MediaStream } from './stream';
import { localTrack } from './track';

/**
 * Fired at `navigator.mediaDevices` where the system has no dialog of its own that asks what to share:
 * the page asks then. Whoever does calls `preventDefault()`, and `choose` once the user has chosen.
 * Not of any standard.
 */
export class DisplaySourcesEvent extends Event {
  readonly sources: readonly DisplaySource[];
  /** The id of a source, or null: the user wants none. Counts once. */
  readonly choose: (source: string | null) => void;

  constructor(sources: readonly DisplaySource[], choose: (source: string | null) => void) {
    super('displaysources', { cancelable: true });
    this.sources = sources;
    this.choose = choose;
  }
}
nameInterface(DisplaySourcesEvent, 'DisplaySourcesEvent');

/** What is asked of a screen; throws what the specification forbids to ask. */
function checked(video: boolean | MediaTrackConstraints): MediaTrackConstraints {
  if (video === false) throw new TypeError('video has to be asked for');
  if (video === true) return {};
  if ('advanced' in video) throw new TypeError('advanced constraints are not allowed');
  for (const [name, value] of Object.entries(video) as [string, unknown][]) {
    if (typeof value !== 'object' || value === null) continue;
    if ('min' in value || 'exact' in value)
      throw new TypeError(`the constraint ${name} must not be a demand`);
  }
  return copyConstraints(video);
}

/** Has the page ask its user; the track of what they chose. */
async function asked(
  target: EventTarget,
  sources: readonly DisplaySource[],
): Promise<LocalTrack[]> {
  const source = await new Promise<string | null>((resolve) => {
    const event = new DisplaySourcesEvent(sources, resolve);
    // Nobody asks: nothing is chosen.
    if (target.dispatchEvent(event)) resolve(null);
  });
  return host().request({ op: 'chooseDisplaySource', source });
}

/** Sound is not captured: a stream without it is what the specification has for that. */
export async function getDisplayMedia(
  target: EventTarget,
  options: DisplayMediaStreamOptions,
): Promise<MediaStream> {
  const constraints = checked(options.video ?? true);
  const { userActivation } = navigator as Partial<Navigator>;
  if (userActivation?.isActive === false)
    throw invalidState('A screen can be asked for only when the user has just done something');
  const answer = await host().request({ op: 'getDisplayMedia', video: toWire(constraints) });
  const tracks = answer.kind === 'chosen' ? answer.tracks : await asked(target, answer.sources);
  return new MediaStream(tracks.map((track) => localTrack(track, constraints).track));
}
