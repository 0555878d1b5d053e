/**
 * What is connected to what in real audio graphs, so that an analyser can be told how loud the
 * tracks of ours are that lead to it: their sound is not in the page, and what stands for them in a
 * graph is silent.
 */

/** How loud a track is now, root mean square, 0 to 1. */
export interface Heard {
  level: number;
}

const tracks = new WeakMap<object, Heard>();
const outputs = new WeakMap<object, Set<object>>();
/** As in the graph itself, what plays is not kept by what it plays to. */
const inputs = new WeakMap<object, Set<WeakRef<object>>>();
const refs = new WeakMap<object, WeakRef<object>>();

function entry<V>(map: WeakMap<object, Set<V>>, key: object): Set<V> {
  let set = map.get(key);
  if (!set) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}

function refTo(node: object): WeakRef<object> {
  let ref = refs.get(node);
  if (!ref) {
    ref = new WeakRef(node);
    refs.set(node, ref);
  }
  return ref;
}

/** `node` stands for a track. */
export function standsFor(node: object, heard: Heard): void {
  tracks.set(node, heard);
}

export function connected(from: object, to: object): void {
  entry(outputs, from).add(to);
  const all = entry(inputs, to);
  for (const ref of all) if (!ref.deref()) all.delete(ref);
  all.add(refTo(from));
}

/** Without `to`: from everything. */
export function disconnected(from: object, to?: object): void {
  const mine = entry(outputs, from);
  for (const other of to ? [to] : [...mine]) {
    mine.delete(other);
    inputs.get(other)?.delete(refTo(from));
  }
}

/** How loud the tracks are that lead to a node, through gains and whatever else. */
export function levelAt(node: object, gainOf: (node: object) => number): number {
  const seen = new Set<object>();
  const energy = (at: object): number => {
    // A delay may lead back.
    if (seen.has(at)) return 0;
    seen.add(at);
    const heard = tracks.get(at);
    if (heard) return heard.level ** 2;
    let sum = 0;
    for (const ref of inputs.get(at) ?? []) {
      const from = ref.deref();
      if (from) sum += energy(from);
    }
    return sum * gainOf(at) ** 2;
  };
  return Math.sqrt(energy(node));
}
