import { createSubscriber } from 'svelte/reactivity';

/** Something that says when it has changed, such as a call or a participant. */
interface Told {
  subscribe(listener: () => void): () => void;
}

/** Reads it such that whatever shows it is updated when it changes. */
export function reactive<Kind extends Told>(told: Kind): { readonly current: Kind } {
  const subscribe = createSubscriber((update) => told.subscribe(update));
  return {
    get current(): Kind {
      subscribe();
      return told;
    },
  };
}
