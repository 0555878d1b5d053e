import { gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

/** Bytes, compressed with gzip: what the app may have to read before it shows anything. */
const LIMIT = 150_000;

/** What of a build's output this looks at. */
interface Chunk {
  readonly type: 'chunk';
  readonly fileName: string;
  readonly code: string;
  readonly isEntry: boolean;
  readonly facadeModuleId: string | null;
  /** The files that are loaded with it, but for those that it loads when they are wanted. */
  readonly imports: readonly string[];
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> };
}
interface Asset {
  readonly type: 'asset';
  readonly fileName: string;
  readonly source: string | Uint8Array;
}
type Bundle = Readonly<Record<string, Chunk | Asset>>;

/** The compressed sizes of all files that a page loads at once, bytes. */
export function firstLoad(bundle: Bundle, page: string): Map<string, number> {
  const entry = Object.values(bundle).find(
    (each) => each.type === 'chunk' && each.isEntry && each.facadeModuleId?.endsWith(page),
  );
  if (entry === undefined) throw new Error(`${page} is not built`);
  const sizes = new Map<string, number>();
  const waiting = [entry.fileName];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const file = bundle[name];
    // What is not built is the browser's own.
    if (file === undefined || sizes.has(name)) continue;
    sizes.set(name, gzipSync(file.type === 'chunk' ? file.code : file.source).length);
    if (file.type === 'chunk')
      waiting.push(...file.imports, ...(file.viteMetadata?.importedCss ?? []));
  }
  return sizes;
}

/** Why a page is too large to be loaded at once; undefined: it is not. */
export function tooLarge(bundle: Bundle, page: string, limit = LIMIT): string | undefined {
  const sizes = firstLoad(bundle, page);
  const sum = [...sizes.values()].reduce((all, each) => all + each, 0);
  if (sum <= limit) return undefined;
  const files = [...sizes].map(([name, size]) => `${name} ${size}`).join(', ');
  return (
    `The first load of ${page} is ${sum} bytes compressed, and may be ${limit}: ${files}. ` +
    'What nobody sees first is loaded when it is wanted (src/screens/late.ts).'
  );
}

/** Fails a build whose page is too large to be loaded at once. */
export const limitFirstLoad = (page: string): Plugin => ({
  name: 'limit-first-load',
  writeBundle(_, bundle) {
    const objection = tooLarge(bundle, page);
    if (objection !== undefined) this.error(objection);
  },
});
