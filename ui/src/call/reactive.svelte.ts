import { createSubscriber } from 'svelte/reactivity';

import type { Call } from './model';

/** Reads a call such that whatever shows it is updated when it changes. */
export function reactive(call: Call): { readonly current: Call } {
  const subscribe = createSubscriber((update) => call.subscribe(update));
  return {
    get current(): Call {
      subscribe();
      return call;
    },
  };
}
