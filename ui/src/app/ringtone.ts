import { waveFile } from '../sound/waveFile';

/** Seconds of a ring, and of the silence after it. */
const RING = 1.2;
const PAUSE = 1.8;
/** Two tones together, in hertz. */
const TONES = [440, 554.37] as const;
/** Of full scale, for each tone. */
const LOUDNESS = 0.2;
/** Seconds in which the sound comes and goes, so that it does not click. */
const EDGE = 0.03;

/** The ringtone as a WAV file. */
export function ringtone(): Uint8Array<ArrayBuffer> {
  return waveFile(RING + PAUSE, (seconds) => {
    const edge = Math.min(seconds, RING - seconds) / EDGE;
    const volume = LOUDNESS * Math.min(Math.max(edge, 0), 1);
    return volume * TONES.reduce((sum, tone) => sum + Math.sin(2 * Math.PI * tone * seconds), 0);
  });
}

/**
 * Plays the ringtone again and again while it is on. An audio element and not an AudioContext, and
 * repeated by the element itself: it has to be heard while the window is minimised.
 */
export class Ringer {
  readonly #failed: (reason: unknown) => void;
  #element: HTMLAudioElement | null = null;
  #on = false;

  constructor(failed: (reason: unknown) => void) {
    this.#failed = failed;
  }

  set(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    if (!on) {
      this.#element?.pause();
      return;
    }
    const element = (this.#element ??= newElement());
    element.currentTime = 0;
    element.play().catch((reason: unknown) => {
      // Stopped before it began.
      if (this.#on) this.#failed(reason);
    });
  }
}

function newElement(): HTMLAudioElement {
  const blob = new Blob([ringtone()], { type: 'audio/wav' });
  const element = new Audio(URL.createObjectURL(blob));
  element.loop = true;
  return element;
}
