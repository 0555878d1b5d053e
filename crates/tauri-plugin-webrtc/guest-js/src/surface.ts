/** Small things that every interface of the web platform has. */

/** Type of an `on...` attribute. */
export type EventHandler<E extends Event = Event> = ((event: E) => unknown) | null;

/**
 * Defines `on<name>` attributes on a prototype. Like the platform's, a handler keeps the place in
 * the order of listeners that it had when the attribute was first set.
 */
export function defineHandlers(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    const handlers = new WeakMap<object, { current: EventHandler }>();
    Object.defineProperty(prototype, `on${name}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget): EventHandler {
        return handlers.get(this)?.current ?? null;
      },
      set(this: EventTarget, value: unknown) {
        const handler = typeof value === 'function' ? (value as EventHandler) : null;
        const slot = handlers.get(this);
        if (slot) {
          slot.current = handler;
        } else if (handler) {
          const fresh = { current: handler as EventHandler };
          handlers.set(this, fresh);
          this.addEventListener(name, (event) => fresh.current?.call(this, event));
        }
      },
    });
  }
}

/** Gives an interface its `Symbol.toStringTag` and its visible name. */
export function nameInterface(constructor: { prototype: object }, name: string): void {
  Object.defineProperty(constructor, 'name', { value: name, configurable: true });
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}

/** Lets a promise go on by itself; a failure is told to developers, not to the page. */
export function background(promise: Promise<unknown>): void {
  promise.catch((error: unknown) => {
    console.debug('webrtc:', error instanceof Error ? error.message : String(error));
  });
}

const tasks: (() => void)[] = [];
let taskPort: MessagePort | undefined;

/**
 * Runs `task` as a task of its own, in order (HTML: "queue a task"). Timers would be slowed down
 * in a hidden page, messages are not.
 */
export function queueTask(task: () => void): void {
  if (!taskPort) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => tasks.shift()?.();
    taskPort = port2;
  }
  tasks.push(task);
  taskPort.postMessage(null);
}
