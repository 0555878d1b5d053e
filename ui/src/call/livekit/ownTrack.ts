import { LocalAudioTrack, LocalVideoTrack, TrackEvent } from 'livekit-client';

import type { TrackSource } from '../model';

/** The host's wish, by way of the media server, to have a track switched on or off. */
type Wish = (on: boolean) => void;

/**
 * One's own camera, microphone or screen as the SDK has it. The SDK does what the server says, and
 * would unmute; here it can only pass the wish on.
 */
export class OwnTrack {
  readonly sdk: LocalAudioTrack | LocalVideoTrack;
  readonly #mute: () => Promise<unknown>;
  readonly #unmute: () => Promise<unknown>;

  constructor(source: TrackSource, media: MediaStreamTrack, wish: Wish) {
    // "Provided by the user": the SDK opens and stops no device by itself.
    const sdk =
      source === 'microphone' || source === 'screen-audio'
        ? new LocalAudioTrack(media, undefined, true)
        : new LocalVideoTrack(media, undefined, true);
    this.sdk = sdk;
    this.#mute = sdk.mute.bind(sdk);
    this.#unmute = sdk.unmute.bind(sdk);
    // The SDK also mutes by itself what has just ended, which is nobody's wish. It does so while it
    // tells of it; whoever mutes later means it, also while there is no device.
    let ending = false;
    sdk.on(TrackEvent.Ended, () => {
      ending = true;
      queueMicrotask(() => (ending = false));
    });
    const guarded = {
      mute: async (): Promise<unknown> => {
        const wished = !ending;
        await this.#mute();
        if (wished) wish(false);
        return sdk;
      },
      unmute: (): Promise<unknown> => {
        if (sdk.isMuted) {
          // The server has told everybody already, and has to hear that it is not so.
          this.announce();
          wish(true);
        }
        return Promise.resolve(sdk);
      },
      // The device is not the SDK's: it ends when its owner says so.
      stop: (): void => sdk.stopMonitor(),
    };
    Object.assign(sdk, guarded);
  }

  /** What is shown to the others now. */
  get media(): MediaStreamTrack {
    return this.sdk.mediaStreamTrack;
  }

  /** The user's own switch. */
  async set(on: boolean): Promise<void> {
    if (this.sdk.isMuted === on) await (on ? this.#unmute() : this.#mute());
  }

  /** Tells the server whether it is muted. */
  announce(): void {
    this.sdk.emit(this.sdk.isMuted ? TrackEvent.Muted : TrackEvent.Unmuted, this.sdk);
  }

  /** Another device; only while it is published. */
  async replace(media: MediaStreamTrack): Promise<void> {
    if (media !== this.media) await this.sdk.replaceTrack(media, true);
  }
}
