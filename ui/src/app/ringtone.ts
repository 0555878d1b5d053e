/** Samples a second; enough for tones of a few hundred hertz. */
const RATE = 16_000;
/** Seconds of a ring, and of the silence after it. */
const RING = 1.2;
const PAUSE = 1.8;
/** Two tones together, in hertz. */
const TONES = [440, 554.37] as const;
/** Of full scale, for each tone. */
const LOUDNESS = 0.2;
/** Seconds in which the sound comes and goes, so that it does not click. */
const EDGE = 0.03;

/** The ringtone as a WAV file: 16-bit PCM, mono. */
export function ringtone(): Uint8Array<ArrayBuffer> {
  const samples = Math.round(RATE * (RING + PAUSE));
  const bytes = new Uint8Array(44 + samples * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    bytes.set(new TextEncoder().encode(value), at);
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples * 2, true);
  for (let sample = 0; sample < samples; sample++) {
    const seconds = sample / RATE;
    const edge = Math.min(seconds, RING - seconds) / EDGE;
    const volume = LOUDNESS * Math.min(Math.max(edge, 0), 1);
    const sound = TONES.reduce((sum, tone) => sum + Math.sin(2 * Math.PI * tone * seconds), 0);
    view.setInt16(44 + sample * 2, Math.round(32_767 * volume * sound), true);
  }
  return bytes;
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
