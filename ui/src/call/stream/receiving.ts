import type { Statistics } from '../model';
import type { Person } from '../person';
import type { Counted, ReceptionStatistics } from '../receptionStatistics';
import type { Audible, RemoteSound } from '../remoteSound';
import { streamsOf } from './presence';
import type { SdkCall, SdkParticipant } from './sdk';

/** What arrives of one track of somebody else's. */
class RemoteTrack implements Audible, Counted {
  readonly #sdk: SdkCall;
  readonly #stream: MediaStream;
  readonly #track: MediaStreamTrack;

  constructor(sdk: SdkCall, stream: MediaStream, track: MediaStreamTrack) {
    this.#sdk = sdk;
    this.#stream = stream;
    this.#track = track;
  }

  attach(element: HTMLMediaElement): void {
    element.srcObject = this.#stream;
  }

  detach(element: HTMLMediaElement): void {
    element.srcObject = null;
  }

  getRTCStatsReport(): Promise<RTCStatsReport | undefined> {
    return this.#sdk.subscriber?.getStats(this.#track) ?? Promise.resolve(undefined);
  }
}

/** Plays and counts what arrives of the others. Their pictures are shown by whoever shows them. */
export class Receiving {
  readonly #sound: RemoteSound;
  readonly #reception: ReceptionStatistics;
  readonly #personOf: (connection: string) => Person | undefined;
  #tracks = new Map<MediaStreamTrack, RemoteTrack>();

  constructor(
    sound: RemoteSound,
    reception: ReceptionStatistics,
    personOf: (connection: string) => Person | undefined,
  ) {
    this.#sound = sound;
    this.#reception = reception;
    this.#personOf = personOf;
  }

  /** What arrives of whom by one of the SDK's calls; none: nothing of anybody. */
  follow(sdk: SdkCall | undefined, others: readonly SdkParticipant[]): void {
    const tracks = new Map<MediaStreamTrack, RemoteTrack>();
    for (const other of sdk === undefined ? [] : others) {
      const { sessionId } = other;
      for (const [source, stream] of streamsOf(other)) {
        const audible = source === 'microphone' || source === 'screen-audio';
        const [track] = audible ? stream.getAudioTracks() : stream.getVideoTracks();
        if (track === undefined || sdk === undefined) continue;
        const known = this.#tracks.get(track);
        const remote = known ?? new RemoteTrack(sdk, stream, track);
        tracks.set(track, remote);
        if (known !== undefined) continue;
        this.#reception.begin(remote, () => this.#personOf(sessionId)?.id);
        if (audible) this.#sound.play(remote, () => this.#personOf(sessionId)?.volume ?? 1);
      }
    }
    for (const [track, remote] of this.#tracks) {
      if (tracks.has(track)) continue;
      this.#sound.stop(remote);
      this.#reception.end(remote);
    }
    this.#tracks = tracks;
    this.#sound.retune();
  }

  statistics(sdk: SdkCall | undefined): Promise<Statistics> {
    const sent: Counted = {
      getRTCStatsReport: () => sdk?.publisher?.getStats() ?? Promise.resolve(undefined),
    };
    return this.#reception.statistics([sent]);
  }
}
