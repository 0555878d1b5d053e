import { failure as failureOf, type Failure } from './failure';

/**
 * What a failure is about: when that works again, its message goes, and no other. `general`: none of
 * the others.
 */
type Subject =
  | 'general'
  | 'sign-in'
  | 'microphone'
  | 'camera'
  | 'screen'
  | 'call'
  | 'chat'
  | 'hand'
  | 'request'
  | 'people'
  | 'recording'
  | 'captions';

/** A failure that is not over yet. */
interface OpenFailure {
  readonly subject: Subject;
  readonly failure: Failure;
}

/** All that went wrong and is not over yet. There is no other place for it. */
export class Failures {
  /** The newest last; one for each subject. */
  #open: readonly OpenFailure[] = $state.raw([]);
  readonly #log: (line: string) => void;

  /** Each is logged as well. */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** The newest, but for the subjects that are told elsewhere. */
  newest(...elsewhere: Subject[]): OpenFailure | undefined {
    return this.#open.findLast(({ subject }) => !elsewhere.includes(subject));
  }

  of(subject: Subject): Failure | undefined {
    return this.#open.find((each) => each.subject === subject)?.failure;
  }

  tell(subject: Subject, failure: Failure): void {
    const { code, detail } = failure;
    const newest = this.#open.at(-1);
    // Who asked for a device and who opens it may both tell.
    if (newest?.subject === subject && same(newest.failure, failure)) return;
    this.#log(detail === undefined ? code : `${code}: ${detail}`);
    this.#open = [...this.#others(subject), { subject, failure }];
  }

  /** Tells of whatever was thrown. */
  caught(subject: Subject, thrown: unknown): void {
    this.tell(subject, failureOf(thrown));
  }

  /** It works again, or the user has read it. */
  end(subject: Subject): void {
    // What is not there need not go: whoever reads this is not called for nothing.
    if (this.of(subject) !== undefined) this.#open = this.#others(subject);
  }

  clear(): void {
    this.#open = [];
  }

  #others(subject: Subject): OpenFailure[] {
    return this.#open.filter((each) => each.subject !== subject);
  }
}

function same(one: Failure, other: Failure): boolean {
  return one.code === other.code && one.detail === other.detail;
}
