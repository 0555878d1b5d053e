import type { Participant, PictureSource, TrackView } from '../call/model';

const TOO_SLOW = 'Paused: the connection is too slow';

/** What is known of a picture beside its track. */
interface Known {
  readonly shows: boolean;
  /** Asked for. */
  readonly wanted: boolean;
  /** Comes, but cannot be decoded. */
  readonly broken: boolean;
  readonly local: boolean;
}

/** Why there is no picture, or why it stands still. */
export function pictureWords(
  source: PictureSource,
  track: TrackView | undefined,
  { shows, wanted, broken, local }: Known,
): string {
  if (!shows) return source === 'camera' ? 'Camera off' : 'Screen off';
  if (!wanted) return 'Sound only: you asked for no pictures';
  const unplayable = track?.unplayable;
  if (unplayable !== undefined)
    return `Their ${source} sends ${unplayable}, which cannot be shown here`;
  if (broken) return `The pictures of this ${source} cannot be shown here`;
  if (track?.paused !== true) return 'Waiting for the picture…';
  // One's own picture is always here: it is the others who do not get it.
  return local ? 'The others do not see this yet' : TOO_SLOW;
}

/** What is the matter with somebody's connection; undefined: nothing that has to be said. */
export function connectionWords({
  quality,
  local,
  name,
}: Pick<Participant, 'quality' | 'local' | 'name'>): string | undefined {
  const whose = local ? 'Your' : `${name}’s`;
  if (quality === 'poor')
    return local
      ? 'Your connection is poor: the others may see and hear you with breaks'
      : `${whose} connection is poor: picture and sound may break`;
  if (quality === 'lost')
    return local
      ? 'Your connection is lost: nothing of you arrives'
      : `${whose} connection is lost: nothing arrives`;
  return undefined;
}
