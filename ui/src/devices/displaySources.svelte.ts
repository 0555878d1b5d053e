/** A monitor or window that can be shared, where the page asks which. */
export interface DisplaySource {
  /** Says nothing; the program knows what it stands for. */
  readonly id: string;
  readonly surface: string;
  /** What its program calls it, in whatever words; of a monitor its connector. */
  readonly title: string;
  readonly application: string;
  /** A `data:` URL. */
  readonly thumbnail: string | null;
}

/** What `navigator.mediaDevices` fires where the system does not ask itself what to share. */
interface Offered extends Event {
  readonly sources: readonly DisplaySource[];
  readonly choose: (source: string | null) => void;
}

const isOffered = (event: Event): event is Offered => 'sources' in event && 'choose' in event;

/** What the user is asked to share one of. Where the system asks by itself, nothing ever is. */
export class DisplaySources {
  /** Undefined: nobody is asked. */
  offered: readonly DisplaySource[] | undefined = $state.raw();
  #choose: ((source: string | null) => void) | undefined;

  /** Asks, until ended: whoever goes has chosen nothing. */
  follow(devices: EventTarget | undefined): () => void {
    const heard = (event: Event): void => {
      if (!isOffered(event)) return;
      event.preventDefault();
      // What was asked before is over.
      this.choose(null);
      this.offered = event.sources;
      this.#choose = event.choose;
    };
    devices?.addEventListener('displaysources', heard);
    return () => {
      devices?.removeEventListener('displaysources', heard);
      this.choose(null);
    };
  }

  /** The id of one; null: none. Only the first answer counts. */
  readonly choose = (source: string | null): void => {
    const choose = this.#choose;
    this.#choose = undefined;
    this.offered = undefined;
    choose?.(source);
  };
}
