/** Samples a second; enough for tones of a few hundred hertz. */
const RATE = 16_000;

/** Sound as a WAV file: 16-bit PCM, mono. `sample` says how it is, -1 to 1, at a time in seconds. */
export function waveFile(
  seconds: number,
  sample: (seconds: number) => number,
): Uint8Array<ArrayBuffer> {
  const samples = Math.round(RATE * seconds);
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
  for (let index = 0; index < samples; index++)
    view.setInt16(44 + index * 2, Math.round(32_767 * sample(index / RATE)), true);
  return bytes;
}
