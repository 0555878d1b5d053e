/** Puts our audio contexts in the place of the page's. */
import { isOurs, toNative } from '../media/stream';
import { LazyContext, realSource, unwrap } from './lazy';

type Constructor = new (...given: unknown[]) => object;
type Method = (...given: unknown[]) => unknown;

/** Patches the page's audio contexts and nodes. */
export function patchAudio(scope: typeof globalThis): void {
  const known = scope as unknown as Record<string, unknown>;
  const contexts = new Set(
    ['AudioContext', 'webkitAudioContext'].map((name) => known[name]).filter(isConstructor),
  );
  if (contexts.size === 0) return;
  for (const context of contexts) {
    patchSource(context.prototype as AudioContext);
    const prototype = context.prototype as object;
    const lazy: Constructor = new Proxy(context, {
      // A subclass has behaviour of its own, which only a native object can have.
      construct: (native, given: unknown[], target): object =>
        target.prototype === prototype
          ? new LazyContext(scope, prototype, () => make(native, given)).proxy
          : (Reflect.construct(native, given, target) as object),
    });
    for (const name of ['AudioContext', 'webkitAudioContext']) {
      if (known[name] === context) define(scope, name, lazy);
    }
    define(prototype, 'constructor', lazy);
  }
  patchNodes(scope);
}

function isConstructor(value: unknown): value is Constructor {
  return typeof value === 'function';
}

const make = (native: Constructor, given: unknown[]): AudioContext =>
  Reflect.construct(native, given) as AudioContext;

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, value });
}

/** A context that is real already knows our streams, too. */
function patchSource(prototype: AudioContext): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the context below
  const native = prototype.createMediaStreamSource;
  define(prototype, 'createMediaStreamSource', function (this: AudioContext, stream: unknown) {
    const ours = realSource(this, stream);
    if (ours) return ours;
    const passed = isOurs(stream) ? toNative(stream) : stream;
    return native.call(this, passed as globalThis.MediaStream);
  });
}

/** Native nodes may be given ours: in their constructors, and to be connected to. */
function patchNodes(scope: typeof globalThis): void {
  const { AudioNode } = scope as Partial<typeof globalThis>;
  if (!AudioNode) return;
  for (const name of ['connect', 'disconnect'] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node below
    const native = AudioNode.prototype[name] as Method;
    define(AudioNode.prototype, name, function (this: AudioNode, ...given: unknown[]) {
      const answer = native.apply(this, given.map(unwrap));
      return answer === undefined ? undefined : given[0];
    });
  }
  const known = scope as unknown as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(scope)) {
    const native = name.endsWith('Node') ? known[name] : undefined;
    if (!isConstructor(native) || !(native.prototype instanceof AudioNode)) continue;
    const patched = new Proxy(native, {
      construct: (target, given: unknown[], as) =>
        Reflect.construct(target, given.map(unwrap), as) as object,
    });
    define(scope, name, patched);
  }
}
