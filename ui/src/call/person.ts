import { Listeners } from './listeners';
import type {
  Attachment,
  ConnectionQuality,
  Participant,
  PictureSize,
  PictureSource,
  TrackView,
} from './model';
import { SOURCES } from './sources';

type Tracks = Participant['tracks'];

/** Something that can be seen, as the adapter has it: another object stands for another track. */
export interface Picture {
  show(element: HTMLVideoElement, size: PictureSize | undefined): Attachment;
}

/** What an adapter knows of a participant at a time. */
export interface Facts {
  readonly name: string;
  readonly tracks: Tracks;
  readonly pictures: Readonly<Partial<Record<PictureSource, Picture>>>;
  readonly speaking: boolean;
  /** 0 to 1. */
  readonly level: number;
  /** How loud they are when it is asked; absent: nobody knows. */
  readonly loudness?: () => number | undefined;
  readonly quality: ConnectionQuality;
  readonly handRaised: number | undefined;
}

/** A participant: the same object through all that an adapter learns of them. */
export class Person implements Participant {
  readonly id: string;
  readonly identity: string;
  readonly local: boolean;
  name = '';
  tracks: Tracks = {};
  speaking = false;
  level = 0;
  quality: ConnectionQuality = 'unknown';
  handRaised: number | undefined;
  volume: number;

  readonly #listeners = new Listeners();
  readonly #attached = new Set<Shown>();
  #pictures: Facts['pictures'] = {};
  #loudness: Facts['loudness'];
  readonly #volumeChanged: (person: Person) => void;

  constructor(
    who: { readonly id: string; readonly identity: string; readonly local: boolean },
    volume: number,
    volumeChanged: (person: Person) => void,
  ) {
    this.id = who.id;
    this.identity = who.identity;
    this.local = who.local;
    this.volume = volume;
    this.#volumeChanged = volumeChanged;
  }

  readonly loudness = (): number | undefined => this.#loudness?.();

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  setVolume(volume: number): void {
    const within = Math.min(1, Math.max(0, volume));
    if (Number.isNaN(within) || within === this.volume) return;
    this.volume = within;
    this.#volumeChanged(this);
    this.#listeners.tell();
  }

  attach(source: PictureSource, element: HTMLVideoElement, size?: PictureSize): Attachment {
    const shown = new Shown(source, element, size);
    this.#attached.add(shown);
    shown.follow(this.#pictures[source]);
    return {
      resize: (next) => shown.resize(next),
      end: () => {
        this.#attached.delete(shown);
        shown.follow(undefined);
      },
    };
  }

  /** Nothing of them arrives any more. */
  vanish(): void {
    const { name, handRaised } = this;
    const nothing = { tracks: {}, pictures: {}, speaking: false, level: 0 } as const;
    this.become({ name, handRaised, quality: 'unknown', ...nothing });
  }

  /** Tells of it only if anything is another. */
  become(facts: Facts): void {
    this.#pictures = facts.pictures;
    this.#loudness = facts.loudness;
    // It is another all the time: who shows it asks.
    this.level = Math.min(1, Math.max(0, facts.level || 0));
    for (const shown of [...this.#attached]) shown.follow(facts.pictures[shown.source]);
    const { name, speaking, quality, handRaised } = facts;
    const tracks = sameTracks(this.tracks, facts.tracks) ? this.tracks : facts.tracks;
    const next = { name, tracks, speaking, quality, handRaised };
    const keys = ['name', 'tracks', 'speaking', 'quality', 'handRaised'] as const;
    if (keys.every((key) => next[key] === this[key])) return;
    Object.assign(this, next);
    this.#listeners.tell();
  }
}

/** An element that shows whatever there is of a source. */
class Shown {
  readonly source: PictureSource;
  readonly #element: HTMLVideoElement;
  #size: PictureSize | undefined;
  #picture: Picture | undefined;
  #attachment: Attachment | undefined;

  constructor(source: PictureSource, element: HTMLVideoElement, size: PictureSize | undefined) {
    this.source = source;
    this.#element = element;
    this.#size = size;
  }

  follow(picture: Picture | undefined): void {
    if (picture === this.#picture) return;
    this.#attachment?.end();
    this.#picture = picture;
    this.#attachment = picture?.show(this.#element, this.#size);
  }

  resize(size: PictureSize | undefined): void {
    this.#size = size;
    this.#attachment?.resize(size);
  }
}

function sameTracks(one: Tracks, other: Tracks): boolean {
  return SOURCES.every((source) => sameTrack(one[source], other[source]));
}

function sameTrack(one: TrackView | undefined, other: TrackView | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.muted === other.muted && one.paused === other.paused && one.unplayable === other.unplayable
  );
}

/** Pictures of one's own devices need no provider: each is made once for its track. */
const own = new WeakMap<MediaStreamTrack, Picture>();

export function ownPicture(track: MediaStreamTrack): Picture {
  const known = own.get(track);
  if (known !== undefined) return known;
  const picture: Picture = {
    show(element) {
      const stream = new MediaStream([track]);
      element.srcObject = stream;
      return {
        resize: () => undefined,
        end: () => {
          if (element.srcObject === stream) element.srcObject = null;
        },
      };
    },
  };
  own.set(track, picture);
  return picture;
}
