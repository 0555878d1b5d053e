import type { Call, Measurement } from '../call/model';
import { Scope } from '../call/scope';
import { lossPercent, type StatisticsPoll } from '../call/statisticsPoll';
import { failure } from '../errors/failure';
import type { NewEntry, Platform, QualitySummary } from '../platform';

type Records = Pick<Platform, 'historyBegin' | 'historyUpdate' | 'historyFinish' | 'log'>;

/** How often the entry is renewed, milliseconds: a crash ends the meeting at the last time. */
const UPDATE_EVERY = 30_000;

/** Keeps a call in the history. What fails here is logged, and nothing to the call. */
export class HistoryWriter {
  readonly #call: Call;
  readonly #poll: StatisticsPoll;
  readonly #records: Records;
  readonly #life = new Scope();
  /** Of all others who were seen. */
  readonly #names = new Set<string>();
  readonly #trips: number[] = [];
  #measured: Measurement | undefined;
  #broken = false;
  #reconnections = 0;
  /** Undefined: there is no entry. */
  #id: number | undefined;
  /** An update waits for its turn; it will say all that is known then. */
  #due = false;
  /** What was asked of the history, one after the other. */
  #asked: Promise<void>;

  /** Begins an entry, which is kept up to date until the scope ends. */
  constructor(call: Call, poll: StatisticsPoll, entry: NewEntry, records: Records, scope: Scope) {
    this.#call = call;
    this.#poll = poll;
    this.#records = records;
    this.#asked = this.#try(async () => {
      this.#id = await records.historyBegin(entry);
    }).then(() => {
      if (this.#id === undefined) this.#life.end();
    });
    scope.add(() => this.#life.end());
    this.#life.add(call.subscribe(() => this.#watch()));
    const timer = setInterval(() => this.#update(), UPDATE_EVERY);
    this.#life.add(() => clearInterval(timer));
    this.#life.add(poll.subscribe(({ totals }) => this.#measure(totals)));
    // Who was there before came as well.
    this.#watch();
  }

  /** It is over, for a reason that is a code of the error table; resolves when that is kept. */
  async finish(reason: string): Promise<void> {
    this.#life.end();
    const end = this.#poll.subscribe(({ totals }) => this.#measure(totals));
    await this.#try(() => this.#poll.look());
    end();
    await this.#ask((id) => this.#records.historyFinish(id, reason, this.#summary()));
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

  #measure(totals: Measurement): void {
    this.#measured = totals;
    if (totals.roundTripMs !== undefined) this.#trips.push(totals.roundTripMs);
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
      lossPercent: lossPercent(packetsReceived, packetsLost) ?? null,
      receivedHeight: whole(receivedHeight),
      freezes: whole(freezes),
      frozenMs: frozenMs ?? null,
    };
    const { reconnections, ...measured } = summary;
    const known = Object.values(measured).some((value) => value !== null);
    return known || reconnections > 0 ? summary : null;
  }
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
