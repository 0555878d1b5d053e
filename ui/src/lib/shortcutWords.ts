import { t } from '../words/language.svelte';

/** A combination of keys, and what it does in a room. */
interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  /** Without Ctrl: the user can do without. */
  readonly single: boolean;
}

/** All there are, as they are listed. */
export function shortcutWords(): readonly Shortcut[] {
  const plain = (key: string, does: string): Shortcut => ({ keys: [key], does, single: false });
  const single = (key: string, does: string): Shortcut => ({ keys: [key], does, single: true });
  const ctrl = (letter: string, does: string): Shortcut => ({
    keys: [t('key-ctrl'), letter],
    does,
    single: false,
  });
  return [
    ctrl('D', t('shortcut-mute')),
    ctrl('E', t('shortcut-camera')),
    single(t('key-space'), t('shortcut-talk')),
    ctrl('H', t('shortcut-hand')),
    ctrl('J', t('shortcut-chat')),
    ctrl('L', t('shortcut-layout')),
    plain(t('key-page-up'), t('shortcut-previous')),
    plain(t('key-page-down'), t('shortcut-next')),
    plain('F11', t('shortcut-full')),
    plain('F8', t('shortcut-ring')),
    single('?', t('shortcut-list')),
  ];
}
