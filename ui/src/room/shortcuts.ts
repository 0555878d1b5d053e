/** Fields that letters are typed into. */
const TYPED = 'input, textarea, select, [contenteditable]';
/** Where the keyboard has lists and questions of its own. */
const OVER = '[role=menu], [role=dialog], [role=alertdialog], [role=listbox]';

type Actions = Readonly<Record<string, () => void>>;

/** What Ctrl and a letter do, and what keys do by themselves, unless they are typed into a field. */
export function shortcuts(
  withCtrl: Actions,
  single: () => Actions = () => ({}),
): (event: KeyboardEvent) => void {
  return (event) => {
    const action =
      Object.entries(withCtrl).find(([letter]) => isShortcut(event, letter))?.[1] ??
      Object.entries(single()).find(([key]) => isKey(event, key))?.[1];
    if (action === undefined) return;
    action();
    event.preventDefault();
  };
}

const inside = ({ target }: KeyboardEvent, where: string): boolean =>
  target instanceof Element && target.closest(where) !== null;

/** Whether an event is a key by itself; which others it takes to type it does not matter. */
function isKey(event: KeyboardEvent, key: string): boolean {
  if (event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return false;
  return event.key === key && !inside(event, TYPED) && !inside(event, OVER);
}

/**
 * Whether an event is Ctrl and the key of a Latin letter, and meant for the app. Where the layout
 * has no Latin letters, the place of the key counts; Caps Lock does not.
 */
function isShortcut(event: KeyboardEvent, letter: string): boolean {
  const { key, code } = event;
  if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
  if (event.repeat || event.isComposing) return false;
  // What is typed is for the field, whatever it makes of it.
  if (inside(event, TYPED)) return false;
  return /^[a-z]$/i.test(key)
    ? key.toLowerCase() === letter
    : code === `Key${letter.toUpperCase()}`;
}
