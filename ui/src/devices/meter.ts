/** How often the meter looks, milliseconds. */
const PERIOD = 50;
/** Levels below this many dBFS are shown as nothing. */
const FLOOR = -60;

/** Reports a track's loudness, 0 to 1 on a scale of decibels, until ended. */
export function meter(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext();
  // Made before a click, it may begin suspended.
  void context.resume();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    const decibels = 10 * Math.log10(Math.max(power, 1e-9));
    report(Math.min(1, Math.max(0, 1 - decibels / FLOOR)));
  }, PERIOD);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
