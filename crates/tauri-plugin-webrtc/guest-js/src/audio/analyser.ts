/** An `AnalyserNode` that looks at levels, without an audio graph being run. */
import { noise } from './level';
import { spectrum } from './spectrum';

/** Samples of noise in stock, and how many pass in a second. */
const STOCK = 65_536;
const RATE = 48_000;
const SMALLEST = 32;
const LARGEST = 32_768;

let stock: Float32Array | undefined;

/** The attributes of an `AnalyserNode` with their defaults (Web Audio API, section 1.8). */
export class AnalyserSettings {
  minDecibels = -100;
  maxDecibels = -30;
  smoothingTimeConstant = 0.8;
  #fftSize = 2048;

  get fftSize(): number {
    return this.#fftSize;
  }

  set fftSize(size: number) {
    const power = Number.isInteger(Math.log2(size));
    if (!power || size < SMALLEST || size > LARGEST) {
      throw new DOMException(`${size} is not a size of a transform`, 'IndexSizeError');
    }
    this.#fftSize = size;
  }

  get frequencyBinCount(): number {
    return this.#fftSize / 2;
  }
}

/** What is set at an analyser, ours or a native one. */
export type Settings = Pick<
  AnalyserNode,
  'fftSize' | 'minDecibels' | 'maxDecibels' | 'smoothingTimeConstant'
>;

/** The four ways of reading an analyser. */
export interface Reading {
  getFloatTimeDomainData(into: Float32Array): void;
  getByteTimeDomainData(into: Uint8Array): void;
  getFloatFrequencyData(into: Float32Array): void;
  getByteFrequencyData(into: Uint8Array): void;
}

/** Bytes as the standard rounds them. */
const byte = (value: number): number => Math.max(0, Math.min(255, Math.floor(value)));

/** An analyser over noise of a level that is asked for each time. */
export class LevelReader implements Reading {
  #smoothed = new Float64Array(0);

  constructor(
    readonly settings: Settings,
    /** Root mean square, 0 to 1. */
    readonly level: () => number,
  ) {}

  getFloatTimeDomainData(into: Float32Array): void {
    const samples = this.#samples();
    into.set(samples.subarray(0, Math.min(into.length, samples.length)));
  }

  getByteTimeDomainData(into: Uint8Array): void {
    const samples = this.#samples();
    for (let i = 0; i < Math.min(into.length, samples.length); i += 1) {
      into[i] = byte(128 * (1 + (samples[i] ?? 0)));
    }
  }

  getFloatFrequencyData(into: Float32Array): void {
    const decibels = this.#decibels();
    into.set(decibels.subarray(0, Math.min(into.length, decibels.length)));
  }

  getByteFrequencyData(into: Uint8Array): void {
    const { minDecibels, maxDecibels } = this.settings;
    const decibels = this.#decibels();
    for (let i = 0; i < Math.min(into.length, decibels.length); i += 1) {
      const place = ((decibels[i] ?? -Infinity) - minDecibels) / (maxDecibels - minDecibels);
      into[i] = byte(255 * place);
    }
  }

  #samples(): Float32Array {
    const level = this.level();
    const size = this.settings.fftSize;
    if (level === 0) return new Float32Array(size);
    stock ??= noise(STOCK);
    // What is looked at next is what would have passed meanwhile.
    const start = Math.floor((performance.now() / 1000) * RATE) % (STOCK - size);
    return stock.subarray(start, start + size).map((sample) => sample * level);
  }

  #decibels(): Float32Array {
    const magnitudes = spectrum(this.#samples());
    if (this.#smoothed.length !== magnitudes.length) {
      this.#smoothed = new Float64Array(magnitudes.length);
    }
    const kept = this.settings.smoothingTimeConstant;
    this.#smoothed = this.#smoothed.map(
      (before, k) => kept * before + (1 - kept) * (magnitudes[k] ?? 0),
    );
    return Float32Array.from(this.#smoothed, (magnitude) => 20 * Math.log10(magnitude));
  }
}
