import type { Participant, PictureSource, TrackView } from '../call/model';
import { t } from '../words/language.svelte';

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
  if (!shows) return t(`picture-${source}-off`);
  if (!wanted) return t('picture-unwanted');
  const unplayable = track?.unplayable;
  if (unplayable !== undefined) return t('picture-unplayable', { source, codec: unplayable });
  if (broken) return t('picture-broken', { source });
  if (track?.paused !== true) return t('picture-waiting');
  // One's own picture is always here: it is the others who do not get it.
  return t(local ? 'picture-unseen' : 'picture-slow');
}

/** What is the matter with somebody's connection; undefined: nothing that has to be said. */
export function connectionWords({
  quality,
  local,
  name,
}: Pick<Participant, 'quality' | 'local' | 'name'>): string | undefined {
  if (quality !== 'poor' && quality !== 'lost') return undefined;
  return local ? t(`connection-own-${quality}`) : t(`connection-${quality}`, { name });
}
