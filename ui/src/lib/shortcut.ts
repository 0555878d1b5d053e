/** Fields that letters are typed into. */
const TYPED = 'input, textarea, select, [contenteditable]';

/**
 * Whether an event is Ctrl and the key of a Latin letter, and meant for the app. Where the layout
 * has no Latin letters, the place of the key counts; Caps Lock does not.
 */
export function isShortcut(event: KeyboardEvent, letter: string): boolean {
  const { key, code, target } = event;
  if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
  if (event.repeat || event.isComposing) return false;
  // What is typed is for the field, whatever it makes of it.
  if (target instanceof Element && target.closest(TYPED) !== null) return false;
  return /^[a-z]$/i.test(key)
    ? key.toLowerCase() === letter
    : code === `Key${letter.toUpperCase()}`;
}
