import { drawStrip } from './timestampStrip';

/** Small enough for a machine that does everything in software. */
const WIDTH = 640;
const HEIGHT = 360;
/** Frames per second. */
const RATE = 30;
/** Of a shared screen. */
const SCREEN_WIDTH = 960;
const SCREEN_HEIGHT = 540;
const SCREEN_RATE = 5;
/** Peak: -20 dBFS. */
const AMPLITUDE = 0.1;

/** A camera made of a canvas: a moving square, and the time as a strip. */
export function fakeCamera(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2d context');
  const draw = (): void => {
    const now = performance.timeOrigin + performance.now();
    context.fillStyle = '#35506b';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#ffc857';
    const angle = now / 700;
    context.fillRect(280 + 190 * Math.sin(angle), 165 + 100 * Math.cos(angle * 1.3), 70, 70);
    drawStrip(context, WIDTH, HEIGHT, now);
  };
  draw();
  setInterval(draw, 1000 / RATE);
  const [track] = canvas.captureStream(RATE).getVideoTracks();
  if (track === undefined) throw new Error('the canvas gives no track');
  return track;
}

/** A microphone made of an oscillator, at -20 dBFS peak. */
export async function fakeMicrophone(hertz: number): Promise<MediaStreamTrack> {
  const context = new AudioContext({ sampleRate: 48_000 });
  await context.resume();
  const tone = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: AMPLITUDE });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  tone.connect(volume).connect(out);
  tone.start();
  const [track] = out.stream.getAudioTracks();
  if (track === undefined) throw new Error('the audio context gives no track');
  return track;
}

/** A screen of one colour, `#rrggbb`, with the time as a strip, as large as a small one. */
export function fakeScreen(colour: string): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = SCREEN_WIDTH;
  canvas.height = SCREEN_HEIGHT;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2d context');
  const draw = (): void => {
    context.fillStyle = colour;
    context.fillRect(0, 0, SCREEN_WIDTH, SCREEN_HEIGHT);
    const now = performance.timeOrigin + performance.now();
    drawStrip(context, SCREEN_WIDTH, SCREEN_HEIGHT, now);
  };
  draw();
  setInterval(draw, 1000 / SCREEN_RATE);
  const [track] = canvas.captureStream(SCREEN_RATE).getVideoTracks();
  if (track === undefined) throw new Error('the canvas gives no track');
  return track;
}
