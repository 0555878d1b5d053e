/** A combination of keys, and what it does in a room. */
interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  /** Without Ctrl: the user can do without. */
  readonly single: boolean;
}

const ctrl = (letter: string, does: string): Shortcut => ({
  keys: ['Ctrl', letter],
  does,
  single: false,
});

/** All there are, as they are listed. */
export const SHORTCUTS: readonly Shortcut[] = [
  ctrl('D', 'Mute or unmute'),
  ctrl('E', 'Camera on or off'),
  { keys: ['Space'], does: 'Speak while you hold it, if you are muted', single: true },
  ctrl('H', 'Raise or lower your hand'),
  ctrl('J', 'Open or close the chat'),
  ctrl('L', 'Grid, or the speaker large'),
  { keys: ['Page up'], does: 'Previous page of participants', single: false },
  { keys: ['Page down'], does: 'Next page of participants', single: false },
  { keys: ['F11'], does: 'Full screen', single: false },
  { keys: ['F8'], does: 'To a meeting that rings', single: false },
  { keys: ['?'], does: 'This list', single: true },
];
