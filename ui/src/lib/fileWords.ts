import type { FileState } from '../call/model';
import { decimal, t } from '../words/language.svelte';

/** "812 kB", of bytes. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return t('file-size-bytes', { count: bytes });
  if (bytes < 999_500) return t('file-size-kb', { size: Math.round(bytes / 1_000) });
  return t('file-size-mb', { size: decimal(bytes / 1_000_000, 1) });
}

/** How far a file is; `local`: it is one's own. Empty: there is nothing to say. */
export function fileWords({ state, size, received, sending }: FileState, local: boolean): string {
  switch (state) {
    case 'offered':
      if (!local) return fileSize(size);
      return sending === 0
        ? fileSize(size)
        : t('file-on-its-way', { size: fileSize(size), count: sending });
    case 'arriving':
      return received === 0
        ? t('file-waiting')
        : t('file-part', { received: fileSize(received), size: fileSize(size) });
    case 'here':
      return fileSize(size);
    case 'failed':
      return t('file-failed');
    case 'gone':
      return t(local ? 'file-taken-back' : 'file-gone');
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
    return t('file-saved', { place: await save(name, content) });
  } catch {
    return failed;
  }
}
