import { createSubscriber } from 'svelte/reactivity';

/** Something that says when it has changed, such as a call or a participant. */
interface Subscribable {
  subscribe(listener: () => void): () => void;
}

/** Reads it such that whatever shows it is updated when it changes. */
export function reactive<Kind extends Subscribable>(subject: Kind): { readonly current: Kind } {
  const subscribe = createSubscriber((update) => subject.subscribe(update));
  return {
    get current(): Kind {
      subscribe();
      return subject;
    },
  };
}
