import { waveFile } from '../sound/waveFile';

/** Seconds that one hears of oneself. */
const SECONDS = 3;

/** Ways to hear whether sound works, on this computer alone. */
export interface SoundCheck {
  /**
   * Whether the page itself has the sound. Where the webview's WebRTC is the program's, sound never enters the
   * page: it cannot be recorded here, and what the page plays goes to the system's default.
   */
  readonly own: boolean;
  /** Plays a sound; resolves when it has ended. `speaker`: empty for the system's default. */
  tone(speaker: string): Promise<void>;
  /** Records a few seconds and plays them; `plays` is told when the second part begins. */
  echo(
    microphone: MediaStreamTrack,
    speaker: string,
    plays: () => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export const soundCheck: SoundCheck = {
  get own() {
    return 'MediaRecorder' in globalThis && isNative(globalThis.RTCPeerConnection);
  },
  tone: (speaker) => play(new Blob([chime()], { type: 'audio/wav' }), speaker),
  async echo(microphone, speaker, plays, signal) {
    const sound = await record(microphone, signal);
    if (signal.aborted) return;
    plays();
    await play(sound, speaker, signal);
  },
};

function isNative(constructor: unknown): boolean {
  return (
    typeof constructor === 'function' &&
    Function.prototype.toString.call(constructor).includes('[native code]')
  );
}

/** Two tones, the second one higher. */
function chime(): Uint8Array<ArrayBuffer> {
  return waveFile(1, (seconds) => {
    const [begin, tone] = seconds < 0.45 ? [0, 523.25] : [0.45, 659.25];
    return 0.3 * Math.exp(-5 * (seconds - begin)) * Math.sin(2 * Math.PI * tone * seconds);
  });
}

async function record(track: MediaStreamTrack, signal: AbortSignal): Promise<Blob> {
  const recorder = new MediaRecorder(new MediaStream([track]));
  const parts: Blob[] = [];
  const stop = (): void => {
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const stopped = new Promise<void>((resolve, reject) => {
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    recorder.addEventListener('stop', () => resolve());
    recorder.addEventListener('error', () => reject(new Error('nothing could be recorded')));
  });
  recorder.start();
  const timer = setTimeout(stop, SECONDS * 1000);
  signal.addEventListener('abort', stop);
  try {
    await stopped;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  return new Blob(parts, { type: recorder.mimeType });
}

async function play(sound: Blob, speaker: string, signal?: AbortSignal): Promise<void> {
  const address = URL.createObjectURL(sound);
  const element = new Audio(address);
  let ended = (): void => undefined;
  try {
    if (speaker !== '' && 'setSinkId' in element) await element.setSinkId(speaker);
    const over = new Promise<void>((resolve) => {
      ended = resolve;
      element.addEventListener('ended', () => resolve());
      // One that breaks does not end.
      element.addEventListener('error', () => resolve());
      signal?.addEventListener('abort', ended);
    });
    // It may be over before it has begun.
    if (signal?.aborted === true) return;
    await element.play();
    await over;
  } finally {
    element.pause();
    signal?.removeEventListener('abort', ended);
    URL.revokeObjectURL(address);
  }
}
