import type { Call, Measurement } from '../call/model';
import { Scope } from '../call/scope';
import { failure } from '../errors/failure';
import type { NewEntry, Platform, QualitySummary } from '../platform';

type Records = Pick<Platform, 'historyBegin' | 'historyUpdate' | 'historyFinish' | 'log'>;

/** How often the entry is renewed, milliseconds: a crash ends the meeting at the last time. */
const UPDATE_EVERY = 30_000;
/** How often is measured, milliseconds: round trips are samples of which the median is kept. */
const MEASURE_EVERY = 5_000;

/** Keeps a call in the history. What fails here is logged, and nothing to the call. */
export class HistoryWriter {
  readonly #call: Call;
  readonly #records: Records;
  readonly #life = new Scope();
  /** Of all others who were seen. */
  readonly #names = new Set<string>();
  readonly #trips: number[] = [];
  #measured: Measurement | undefined;
  #measuring = false;
  #broken = false;
  #reconnections = 0;
  /** Undefined: there is no entry. */
  #id: number | undefined;
  /** An update waits for its turn; it will say all that is known then. */
  #due = false;
  /** What was asked of the history, one after the other. */
  #asked: Promise<void>;

  /** Begins an entry, which is kept up to date until the scope ends. */
  constructor(call: Call, entry: NewEntry, records: Records, scope: Scope) {
    this.#call = call;
    this.#records = records;
    this.#asked = this.#try(async () => {
      this.#id = await records.historyBegin(entry);
    }).then(() => {
      if (this.#id === undefined) this.#life.end();
    });
    scope.add(() => this.#life.end());
    this.#life.add(call.subscribe(() => this.#watch()));
    this.#every(UPDATE_EVERY, () => this.#update());
    this.#every(MEASURE_EVERY, () => void this.#sample());
    // Who was there before came as well.
    this.#watch();
  }

  /** It is over, for a reason that is a code of the error table; resolves when that is kept. */
  async finish(reason: string): Promise<void> {
    this.#life.end();
    await this.#measure();
    await this.#ask((id) => this.#records.historyFinish(id, reason, this.#summary()));
  }

  #every(milliseconds: number, act: () => void): void {
    const timer = setInterval(act, milliseconds);
    this.#life.add(() => clearInterval(timer));
  }

  #watch(): void {
    const { state, participants } = this.#call;
    if (this.#broken && state.kind === 'connected') this.#reconnections += 1;
    this.#broken = state.kind === 'reconnecting';
    const before = this.#names.size;
    for (const { local, name } of participants) if (!local) this.#names.add(name);
    if (this.#names.size > before) this.#update();
  }

  #update(): void {
    if (this.#due) return;
    this.#due = true;
    void this.#ask((id) => {
      this.#due = false;
      return this.#records.historyUpdate(id, [...this.#names], this.#summary());
    });
  }

  /** No more than one at a time, however long it takes. */
  async #sample(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    await this.#measure();
    this.#measuring = false;
  }

  #measure(): Promise<void> {
    return this.#try(async () => {
      this.#measured = (await this.#call.statistics()).totals;
      const { roundTripMs } = this.#measured;
      if (roundTripMs !== undefined) this.#trips.push(roundTripMs);
    });
  }

  #ask(question: (id: number) => Promise<void>): Promise<void> {
    this.#asked = this.#asked.then(() => {
      const id = this.#id;
      return id === undefined ? undefined : this.#try(() => question(id));
    });
    return this.#asked;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#records.log('warn', `recording the call: ${failure(thrown).code}`);
    }
  }

  /** Null: nothing is known. */
  #summary(): QualitySummary | null {
    const { packetsReceived, packetsLost, receivedHeight, freezes, frozenMs } =
      this.#measured ?? {};
    const summary: QualitySummary = {
      reconnections: this.#reconnections,
      roundTripMs: median(this.#trips),
      lossPercent: lossPercent(packetsReceived, packetsLost),
      receivedHeight: whole(receivedHeight),
      freezes: whole(freezes),
      frozenMs: frozenMs ?? null,
    };
    const { reconnections, ...measured } = summary;
    const known = Object.values(measured).some((value) => value !== null);
    return known || reconnections > 0 ? summary : null;
  }
}

function lossPercent(received: number | undefined, lost: number | undefined): number | null {
  if (received === undefined || lost === undefined || received + lost <= 0) return null;
  return (100 * lost) / (received + lost);
}

/** What is counted has no fractions. */
const whole = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value);

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
