import type { Stage } from './stage';

/** A screen in a state. */
export interface Scene {
  /** Of its pictures' files: small letters and dashes. */
  readonly name: string;
  /** Leads there, from a page on which nothing is yet. */
  readonly play: (stage: Stage) => Promise<void>;
}
