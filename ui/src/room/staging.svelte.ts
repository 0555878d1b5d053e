import { isSameList } from '../call/lists';
import type { Participant, PictureSource } from '../call/model';
import type { Box, Corner, Size } from './box';
import { keepOfRoom, keptOfRoom, type Kept } from './kept';
import { capacity, layout } from './layout';
import { bring, follow, swap, type Seats } from './seats';
import { Voices } from './voices';

/** Before it is known how large the stage is. */
const ASSUMED: Size = { width: 1280, height: 720 };

/** One picture on the stage. */
export interface Placed {
  /** Stays the same wherever the picture goes. */
  readonly key: string;
  readonly participant: Participant;
  readonly source: PictureSource;
  readonly box: Box;
  /** Large, beside small ones. */
  readonly large: boolean;
}

/** What can be pinned. */
export type Pin = Pick<Placed, 'participant' | 'source'>;

const idOf = ({ id }: Participant): string => id;
const keyOf = ({ participant, source }: Pin): string => `${source} ${participant.id}`;
const camera = (participant: Participant): Pin => ({ participant, source: 'camera' });
const screen = (participant: Participant): Pin => ({ participant, source: 'screen' });

/** What is where on the stage of a room, and who is on which page. */
export class Staging {
  /** Ids of who is shown to speak. */
  speaking: readonly string[] = $state.raw([]);
  /** What the user likes. */
  kept: Kept = $state.raw(keptOfRoom());
  readonly #participants: () => readonly Participant[];
  readonly #sharing: () => readonly Participant[];
  readonly #voices = new Voices();
  #size: Size = $state.raw(ASSUMED);
  #pinned: string | undefined = $state();
  #page = $state(0);
  /** Changes with every change of seats. */
  #turn = $state(0);
  #seats: Seats = [];
  #shared: readonly Participant[] = [];
  /** Id of who is large in the speaker layout. */
  #speaker: string | undefined;

  /** `sharing`: those of the others whose screens are shared. */
  constructor(participants: () => readonly Participant[], sharing: () => readonly Participant[]) {
    this.#participants = participants;
    this.#sharing = sharing;
  }

  readonly #others = $derived.by(() => this.#participants().filter(({ local }) => !local));
  readonly #me = $derived.by(() => this.#participants().find(({ local }) => local));
  /** The same list while it is the same screens: any change of anybody asks for it. */
  readonly #screens = $derived.by(() => {
    const screens = this.kept.pictures === 'none' ? [] : this.#sharing();
    this.#shared = isSameList(screens, this.#shared) ? this.#shared : screens;
    return this.#shared;
  });

  /** Nobody but oneself is here. */
  readonly alone: boolean = $derived.by(() => this.#others.length === 0);
  readonly pinned: Pin | undefined = $derived.by(() =>
    [...this.#screens.map(screen), ...this.#others.map(camera)].find(
      (each) => keyOf(each) === this.#pinned,
    ),
  );

  /** The others, in the order of their seats. */
  readonly #seated: readonly Participant[] = $derived.by(() => {
    const others = this.#others;
    // Read, as it changes with what cannot be followed.
    if (this.#turn >= 0) this.#seats = follow(this.#seats, others.map(idOf));
    return this.#seats.flatMap((id) => others.find((each) => each.id === id) ?? []);
  });

  readonly #large: readonly Pin[] = $derived.by(() => {
    if (this.pinned !== undefined) return [this.pinned];
    if (this.#screens.length > 0) return this.#screens.map(screen);
    if (this.kept.arrangement !== 'speaker' || this.#seated.length < 2) return [];
    const speaker = this.#seated.find(({ id }) => id === this.#speaker) ?? this.#seated[0];
    return speaker === undefined ? [] : [camera(speaker)];
  });

  /** Beside what is large, or all there are. */
  readonly #small: readonly Pin[] = $derived.by(() => {
    const large = this.#large.map(keyOf);
    const all = [...this.#screens.map(screen), ...this.#seated.map(camera)];
    return all.filter((each) => !large.includes(keyOf(each)));
  });

  readonly #scene = $derived.by(() => ({
    stage: this.#size,
    own: this.#own,
    large: this.#large.length,
    screens: this.#large.some(({ source }) => source === 'screen'),
  }));
  readonly #pageSize = $derived.by(() => capacity(this.#scene));

  readonly pages: number = $derived.by(() =>
    Math.max(1, Math.ceil(this.#small.length / this.#pageSize)),
  );
  /** From 0; the last one where there is none so far back any more. */
  readonly page: number = $derived.by(() => Math.min(this.#page, this.pages - 1));

  /** All that is shown, the own view last. What is not on the page is not there. */
  readonly placed: readonly Placed[] = $derived.by(() => {
    const from = this.page * this.#pageSize;
    const small = this.#small.slice(from, from + this.#pageSize);
    const { large, tiles, own } = layout({ ...this.#scene, tiles: small.length });
    const put = (pins: readonly Pin[], boxes: readonly Box[], isLarge: boolean): Placed[] =>
      pins.flatMap((pin, at) => {
        const box = boxes[at];
        return box === undefined ? [] : [{ ...pin, key: keyOf(pin), box, large: isLarge }];
      });
    const me = this.#me;
    return [
      ...put(this.#large, large, true),
      // One alone is as large as can be.
      ...put(small, tiles, small.length === 1 && large.length === 0),
      ...(me && own ? put([camera(me)], [own], this.alone) : []),
    ];
  });

  /** The own view is somewhere in a corner, and not in a line with others. */
  get #own(): Corner | undefined {
    const { hidden, corner } = this.kept;
    // Alone there is nothing else to see.
    return hidden && !this.alone ? undefined : corner;
  }

  resize(size: Size): void {
    const known = size.width > 0 && size.height > 0;
    if (known && (size.width !== this.#size.width || size.height !== this.#size.height))
      this.#size = size;
  }

  like(more: Partial<Kept>): void {
    this.kept = { ...this.kept, ...more };
    keepOfRoom(this.kept);
  }

  /** Large until it is unpinned, or gone. */
  readonly pin = (pin: Pin | undefined): void => {
    this.#pinned = pin && keyOf(pin);
    this.#page = 0;
  };

  readonly turn = (by: 1 | -1): void => {
    this.#page = Math.min(this.pages - 1, Math.max(0, this.page + by));
  };

  /** Forgets a pin of what is gone: what comes in its place was not chosen. */
  forgetGone(): void {
    if (this.#pinned === undefined || this.kept.pictures === 'none') return;
    if (this.pinned === undefined) this.#pinned = undefined;
  }

  /** Looks who speaks; `now`: milliseconds. To be called again and again. */
  hear(now: number): void {
    const others = (): readonly string[] => this.speaking.filter((id) => this.#seats.includes(id));
    if (this.#voices.hear(this.#participants(), now)) {
      this.speaking = this.#voices.shown;
      this.#let(others());
    }
    // Also of who goes on speaking, as the page itself changes.
    this.#show(others());
  }

  /** Whoever speaks is large, if nobody who is large speaks. */
  #let(speaking: readonly string[]): void {
    const [loudest] = speaking;
    const large = this.#speaker ?? this.#seats[0];
    if (loudest === undefined || (large !== undefined && speaking.includes(large))) return;
    this.#speaker = loudest;
    // Seats are changed only where it is seen that they are.
    if (large !== undefined && this.kept.arrangement === 'speaker')
      this.#seats = swap(this.#seats, large, loudest);
    this.#turn += 1;
  }

  /** Nobody who speaks is on another page. */
  #show(speaking: readonly string[]): void {
    if (speaking.length === 0 || this.pages < 2) return;
    const cameras = this.#large.filter(({ source }) => source === 'camera');
    const fixed = cameras.map(({ participant }) => participant.id);
    const rest = this.#seats.filter((id) => !fixed.includes(id));
    // Screens come before them in the line.
    const before = this.#small.length - rest.length;
    const from = Math.max(0, this.page * this.#pageSize - before);
    const size = this.#pageSize - Math.max(0, before - this.page * this.#pageSize);
    const heard = (id: string): number | undefined => this.#voices.lastOf(id);
    const wanted = speaking.filter((id) => !fixed.includes(id));
    const brought = bring(rest, { from, size: Math.max(0, size) }, wanted, heard);
    if (brought === rest) return;
    const next = [...brought];
    this.#seats = this.#seats.map((id) => (fixed.includes(id) ? id : (next.shift() ?? id)));
    this.#turn += 1;
  }
}
