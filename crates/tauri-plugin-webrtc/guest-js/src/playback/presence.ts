/** Notices when a media element leaves the document or comes into it. */

/** Who wants to know it of its element. */
export interface Placed {
  readonly element: Element;
  /** The element is in the document. */
  placed(): void;
  /** It was, and is not any more. */
  removed(): void;
}

const inside = new Set<Placed>();
/** What is outside may never come back, and is held by whoever still has a use for it. */
const outside = new Set<WeakRef<Placed>>();
const observedRoots = new WeakSet<Node>();
let observer: MutationObserver | undefined;

/** Has `watched` told from now on, until nobody holds it or `unwatch`. */
export function watch(watched: Placed): void {
  observer ??= new MutationObserver(look);
  observe(document);
  if (!noticed(watched)) outside.add(new WeakRef(watched));
}

/** Whether the element is in the document; the first one in a shadow tree is not seen to come. */
export function noticed(watched: Placed): boolean {
  if (!watched.element.isConnected) return false;
  if (!inside.has(watched)) enter(watched);
  return true;
}

export function unwatch(watched: Placed): void {
  inside.delete(watched);
  for (const ref of outside) if (ref.deref() === watched) outside.delete(ref);
}

function observe(root: Node): void {
  if (observedRoots.has(root)) return;
  observedRoots.add(root);
  observer?.observe(root, { childList: true, subtree: true });
}

function enter(watched: Placed): void {
  inside.add(watched);
  // What happens in a shadow tree is seen only from within.
  let root = watched.element.getRootNode();
  while (root instanceof ShadowRoot) {
    observe(root);
    root = root.host.getRootNode();
  }
}

/** Runs as a microtask, thus after whoever merely moved an element has put it back. */
function look(): void {
  for (const watched of [...inside]) {
    if (watched.element.isConnected) continue;
    inside.delete(watched);
    outside.add(new WeakRef(watched));
    watched.removed();
  }
  for (const ref of [...outside]) {
    const watched = ref.deref();
    if (watched && !watched.element.isConnected) continue;
    outside.delete(ref);
    if (!watched) continue;
    enter(watched);
    watched.placed();
  }
}
