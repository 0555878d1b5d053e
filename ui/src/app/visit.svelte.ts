import type { LocalDevices } from '../devices/local.svelte';
import type { Meeting } from '../platform';

/** The user's time with one meeting, from its lobby to the end of its call. */
export class Visit {
  readonly meeting: Meeting;
  /** Open no longer than this lasts. */
  readonly devices: LocalDevices;
  /** The user has pressed Join and is not in the room yet. */
  joining = $state(false);
  readonly #left = new AbortController();

  constructor(meeting: Meeting, devices: LocalDevices) {
    this.meeting = meeting;
    this.devices = devices;
  }

  /** Aborted once the user has gone elsewhere. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  end(): void {
    this.devices.close();
    this.#left.abort();
  }
}
