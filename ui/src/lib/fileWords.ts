import type { FileState } from '../call/model';

/** "812 kB", of bytes. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How far a file is; `local`: it is one's own. Empty: there is nothing to say. */
export function fileWords({ state, size, received, sending }: FileState, local: boolean): string {
  switch (state) {
    case 'offered':
      if (!local) return fileSize(size);
      return sending === 0
        ? fileSize(size)
        : `${fileSize(size)}, on its way to ${sending === 1 ? 'one person' : `${sending} people`}`;
    case 'arriving':
      return received === 0 ? 'Waiting for it…' : `${fileSize(received)} of ${fileSize(size)}`;
    case 'here':
      return fileSize(size);
    case 'failed':
      return 'It did not arrive.';
    case 'gone':
      return local ? 'You took it back.' : 'It cannot be had any more.';
  }
}

/** Types of pictures that any webview shows, and that are nothing but pictures. */
const PICTURES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
]);

export const isPicture = ({ type }: FileState): boolean => PICTURES.has(type);

/** Writes a file, and answers where it is. */
export type Save = (name: string, content: Blob) => Promise<string>;

/** Has a file written; what is to be said of it: where it is, or `failed`. */
export async function saved(
  save: Save,
  name: string,
  content: Blob,
  failed: string,
): Promise<string> {
  try {
    return `Saved: ${await save(name, content)}`;
  } catch {
    return failed;
  }
}
