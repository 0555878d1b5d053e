import type { DeviceNotices } from '../devices/local.svelte';

/** Louder than this, 0 to 1 of what a meter shows, is a voice near the microphone. */
const VOICE = 0.55;
/** For so long of the last seconds somebody speaks who is muted, in looks of the meter. */
const ENOUGH = 12;
/** The hint stays for so long after that, milliseconds. */
const STAYS = 4_000;
/** It comes again no sooner than this, and each time after twice as long: whoever talks to somebody beside them knows. */
const RESTS = 30_000;

/**
 * The own level, also while muted: then it is looked at here, and sent to nobody. No microphone is
 * opened for it; where a call keeps it open, a copy of its track listens.
 */
export class OwnVoice {
  /** 0 to 1, as a meter shows it; of what the others hear. */
  level = $state(0);
  /** The user speaks, and nobody hears it. */
  unheard = $state(false);
  #loud = 0;

  /** Follows an open microphone until ended. */
  follow(
    track: MediaStreamTrack | undefined,
    muted: boolean,
    meter: DeviceNotices['meter'],
  ): (() => void) | undefined {
    if (track === undefined || track.readyState === 'ended') return undefined;
    // A track that is off is silent for whoever looks at it, too; a copy is on by itself.
    const looked = muted ? track.clone() : track;
    looked.enabled = true;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let [next, rest] = [0, RESTS];
    const end = meter(looked, (level) => {
      if (!muted) {
        this.level = level;
        return;
      }
      this.#loud = Math.max(0, this.#loud + (level >= VOICE ? 1 : -0.5));
      if (this.#loud < ENOUGH) return;
      this.#loud = 0;
      const now = Date.now();
      if (now < next) return;
      [next, rest] = [now + rest, rest * 2];
      this.unheard = true;
      clearTimeout(quiet);
      quiet = setTimeout(() => (this.unheard = false), STAYS);
    });
    return () => {
      end();
      clearTimeout(quiet);
      if (muted) looked.stop();
      this.level = this.#loud = 0;
      this.unheard = false;
    };
  }
}
