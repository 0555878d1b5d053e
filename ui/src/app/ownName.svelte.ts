/**
 * What the others are to call the user. The settings have the truth; what is typed in a lobby is a
 * draft of it until the user joins. Who has set no name is called as their account says.
 */
export class OwnName {
  /** As the settings have it. */
  #saved = '';
  #own = $state('');
  #account = $state('');
  /** The user emptied the field: it stays so until somebody else signs in. */
  #emptied = $state(false);

  get shown(): string {
    return this.#own !== '' || this.#emptied ? this.#own : this.#account;
  }

  /** The user typed it. */
  type(name: string): void {
    this.#own = name;
    this.#emptied = name === '';
  }

  /** The settings were read; empty: they have none. */
  settings(name: string): void {
    if (name === this.#saved) return;
    this.#saved = name;
    this.#own = name;
    this.#emptied = false;
  }

  /** Who is signed in; empty: nobody, or their name is not known. */
  account(name: string): void {
    if (name === this.#account) return;
    this.#account = name;
    this.#emptied = false;
  }

  /** What the settings do not have yet; undefined: nothing. Empty: it is to be taken out. */
  get unsaved(): string | undefined {
    const own = this.#own.trim();
    return own === this.#saved ? undefined : own;
  }
}
