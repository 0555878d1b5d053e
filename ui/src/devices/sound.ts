/** What can be done to the sound of a microphone, as constraints name it. */
export const SOUNDS = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;

export type SoundName = (typeof SOUNDS)[number];

/** What is done to it. */
export type Sound = Readonly<Record<SoundName, boolean>>;

/** What the user wants of a microphone. */
export interface MicrophoneWishes {
  readonly sound: Sound;
  /** Muting closes it. */
  readonly closesWhenMuted: boolean;
  /** The user has switched in a lobby or a call, and wants it so from now on. */
  keepSound(name: SoundName, on: boolean): void;
}

/** Where nobody wants anything else. */
export const usualWishes: MicrophoneWishes = {
  sound: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  closesWhenMuted: false,
  keepSound: () => undefined,
};
