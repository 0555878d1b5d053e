/** Fields that letters are typed into. */
const TYPED = 'input, textarea, select, [contenteditable]';

/** What Ctrl and a letter do, unless they are typed into a field. */
export function shortcuts(
  actions: Readonly<Record<string, () => void>>,
): (event: KeyboardEvent) => void {
  return (event) => {
    const action = Object.entries(actions).find(([letter]) => isShortcut(event, letter))?.[1];
    if (action === undefined) return;
    action();
    event.preventDefault();
  };
}

/**
 * Whether an event is Ctrl and the key of a Latin letter, and meant for the app. Where the layout
 * has no Latin letters, the place of the key counts; Caps Lock does not.
 */
function isShortcut(event: KeyboardEvent, letter: string): boolean {
  const { key, code, target } = event;
  if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
  if (event.repeat || event.isComposing) return false;
  // What is typed is for the field, whatever it makes of it.
  if (target instanceof Element && target.closest(TYPED) !== null) return false;
  return /^[a-z]$/i.test(key)
    ? key.toLowerCase() === letter
    : code === `Key${letter.toUpperCase()}`;
}
