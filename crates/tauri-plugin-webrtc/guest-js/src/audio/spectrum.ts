/** What an `AnalyserNode` makes of samples (Web Audio API, section 1.8.6). */

/** The Blackman window of that section. */
function window(length: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => {
    const turn = (2 * Math.PI * n) / length;
    return 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
  });
}

const windows = new Map<number, Float64Array>();

/** In place; the length is a power of two. */
function fourier(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  const at = (values: Float64Array, index: number): number => values[index] ?? 0;
  for (let i = 1, j = 0; i < length; i += 1) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [at(real, j), at(real, i)];
      [imaginary[i], imaginary[j]] = [at(imaginary, j), at(imaginary, i)];
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k += 1) {
      const angle = (-2 * Math.PI * k) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let upper = k; upper < length; upper += size) {
        const lower = upper + half;
        const re = at(real, lower) * cosine - at(imaginary, lower) * sine;
        const im = at(real, lower) * sine + at(imaginary, lower) * cosine;
        real[lower] = at(real, upper) - re;
        imaginary[lower] = at(imaginary, upper) - im;
        real[upper] = at(real, upper) + re;
        imaginary[upper] = at(imaginary, upper) + im;
      }
    }
  }
}

/** Magnitudes of the lower half of the spectrum, linear. The length is a power of two. */
export function spectrum(samples: Float32Array): Float64Array {
  const { length } = samples;
  const shape = windows.get(length) ?? window(length);
  windows.set(length, shape);
  const real = Float64Array.from(samples, (sample, n) => sample * (shape[n] ?? 0));
  const imaginary = new Float64Array(length);
  fourier(real, imaginary);
  return Float64Array.from(
    { length: length / 2 },
    (_, k) => Math.hypot(real[k] ?? 0, imaginary[k] ?? 0) / length,
  );
}
