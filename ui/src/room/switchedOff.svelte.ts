import { untrack } from 'svelte';

import type { Call, TrackSource } from '../call/model';
import { INPUTS } from '../call/sources';
import type { DeviceNotices } from '../devices/local.svelte';

/** What somebody with the right to it has switched off, until the user knows or has switched it on again. */
export class SwitchedOff {
  sources = $state.raw<readonly TrackSource[]>([]);

  /** Hears of it in a call, until ended. */
  follow(call: Call): () => void {
    return call.listen((event) => {
      if (event.kind === 'moderated') this.sources = [...this.#without(event.source), event.source];
    });
  }

  /** Forgets what is on again. */
  compare({ switches }: Pick<DeviceNotices, 'switches'>): void {
    for (const role of INPUTS) if (switches[role] === 'on') untrack(() => this.dismiss(role));
  }

  readonly dismiss = (source: TrackSource): void => {
    if (this.sources.includes(source)) this.sources = this.#without(source);
  };

  #without(source: TrackSource): TrackSource[] {
    return this.sources.filter((each) => each !== source);
  }
}
