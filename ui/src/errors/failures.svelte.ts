import type { Failure } from './failure';

/** What a failure is about: when that works again, its message goes, and no other. */
type Subject =
  'way' | 'sign-in' | 'microphone' | 'camera' | 'screen' | 'call' | 'chat' | 'hand' | 'request';

/** A failure that is told. */
interface Told {
  readonly subject: Subject;
  readonly failure: Failure;
}

/** All that went wrong and is not over yet. There is no other place for it. */
export class Failures {
  /** The newest last; one for each subject. */
  #told: readonly Told[] = $state.raw([]);
  readonly #log: (line: string) => void;

  /** Each is logged as well. */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** The newest, but for the subjects that are told elsewhere. */
  newest(...elsewhere: Subject[]): Told | undefined {
    return this.#told.findLast(({ subject }) => !elsewhere.includes(subject));
  }

  of(subject: Subject): Failure | undefined {
    return this.#told.find((told) => told.subject === subject)?.failure;
  }

  tell(subject: Subject, failure: Failure): void {
    const { code, detail } = failure;
    const newest = this.#told.at(-1);
    // Who asked for a device and who opens it may both tell.
    if (newest?.subject === subject && same(newest.failure, failure)) return;
    this.#log(detail === undefined ? code : `${code}: ${detail}`);
    this.#told = [...this.#others(subject), { subject, failure }];
  }

  /** It works again, or the user has read it. */
  end(subject: Subject): void {
    // What is not there need not go: whoever reads this is not called for nothing.
    if (this.of(subject) !== undefined) this.#told = this.#others(subject);
  }

  clear(): void {
    this.#told = [];
  }

  #others(subject: Subject): Told[] {
    return this.#told.filter((told) => told.subject !== subject);
  }
}

function same(one: Failure, other: Failure): boolean {
  return one.code === other.code && one.detail === other.detail;
}
