import { isSameList } from './lists';
import { Listeners } from './listeners';
import type { CallEvent } from './model';
import { Pace } from './pace';
import { Person, type Facts } from './person';
import type { Scope } from './scope';

/**
 * How long somebody who went may come back as if they had never been away, milliseconds: longer than
 * it takes to join anew after a connection broke.
 */
const GRACE = 5_000;
/** Raised hands that are told of each participant at once, and how soon one more, milliseconds. */
const HANDS = { burst: 5, period: 2_000 };

/** Somebody who is there, as an adapter knows them at a time. */
export interface Presence extends Facts {
  /** Unique within the call: another one with each connection of theirs. */
  readonly connection: string;
  readonly identity: string;
}

/** Whoever is in a call: stable objects, made out of what an adapter sees at any time. */
export class Roster {
  /** The local participant first, then the others in the order of their coming. */
  participants: readonly Person[] = [];
  /** Told after the list has changed. */
  readonly changed = new Listeners();
  readonly happened = new Listeners<[CallEvent]>();
  readonly volumeChanged = new Listeners();

  readonly #scope: Scope;
  #me: Person | undefined;
  /** By the connection that they have now. */
  #present = new Map<string, Person>();
  /** Those who went and may come back, with the wait for that, if it has begun. */
  readonly #away = new Map<Person, object | undefined>();
  /** By every connection that they had. */
  readonly #known = new Map<string, Person>();
  readonly #volumes = new Map<string, number>();
  /** When each raised their hand last. */
  readonly #hands = new Map<Person, number>();
  /** Those who came back, whose connection has yet to say that their hand is raised, as it is now. */
  readonly #returned = new Map<Person, Presence>();
  readonly #handPace = new Pace(HANDS.burst, HANDS.period);
  /** Who is there when one comes has not just come. */
  #first = true;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get me(): Person | undefined {
    return this.#me;
  }

  /** Whose connection that is or was, as long as they are there or may come back. */
  of(connection: string): Person | undefined {
    return this.#known.get(connection);
  }

  /** Who is there now. */
  update(me: Presence, others: readonly Presence[]): void {
    const events: CallEvent[] = [];
    const present = new Map<string, Person>();
    const connections = new Set(others.map(({ connection }) => connection));
    for (const [connection, person] of this.#present)
      if (!connections.has(connection)) this.#away.set(person, undefined);
    for (const presence of others) {
      const { connection } = presence;
      const here = this.#present.get(connection);
      const known = here ?? this.#back(presence);
      if (here === undefined && known?.handRaised !== undefined) this.#return(known, presence);
      const person = known ?? this.#make(presence, false);
      present.set(connection, person);
      this.#known.set(connection, person);
      if (known === undefined && !this.#first) events.push({ kind: 'joined', participant: person });
      this.#become(person, presence, known !== undefined, events);
    }
    this.#present = present;
    this.#meet(me, events);
    this.#first = false;
    for (const [person, waiting] of this.#away) if (waiting === undefined) this.#wait(person);
    this.#list([...present.values()]);
    for (const event of events) this.happened.tell(event);
  }

  /** There is no connection: nobody but oneself is seen, and nobody is said to have gone. */
  alone(me: Presence | undefined): void {
    for (const person of [...this.#present.values(), ...this.#away.keys()]) {
      person.vanish();
      this.#away.set(person, undefined);
    }
    this.#present = new Map();
    if (me !== undefined) this.#meet(me, []);
    this.#list([]);
  }

  #meet(me: Presence, events: CallEvent[]): void {
    this.#me ??= this.#make(me, true);
    this.#become(this.#me, me, true, events);
  }

  #make({ connection, identity }: Presence, local: boolean): Person {
    const who = { id: connection, identity, local };
    return new Person(who, this.#volumes.get(identity) ?? 1, ({ volume }) => {
      this.#volumes.set(identity, volume);
      this.volumeChanged.tell();
    });
  }

  /** The one who went and is this one, with the same connection or with another one. */
  #back({ connection, identity }: Presence): Person | undefined {
    const away = [...this.#away.keys()];
    const same = this.#known.get(connection);
    const person =
      same !== undefined && this.#away.has(same)
        ? same
        : away.find((each) => each.identity === identity);
    if (person !== undefined) this.#away.delete(person);
    return person;
  }

  /** A hand survives another connection, of which it is known a moment later than who is there. */
  #return(person: Person, presence: Presence): void {
    this.#returned.set(person, presence);
    void this.#scope.pause(GRACE).then(() => {
      const facts = this.#returned.get(person);
      if (facts === undefined || !this.#returned.delete(person) || this.#scope.ended) return;
      if (this.#away.has(person)) return;
      const events: CallEvent[] = [];
      this.#become(person, facts, true, events);
      for (const event of events) this.happened.tell(event);
    });
  }

  #become(person: Person, facts: Presence, announced: boolean, events: CallEvent[]): void {
    const before = person.handRaised;
    const kept = this.#returned.has(person) && facts.handRaised === undefined;
    if (kept) this.#returned.set(person, facts);
    else this.#returned.delete(person);
    person.become(kept ? { ...facts, handRaised: before } : facts);
    const now = person.handRaised;
    if (before === now) return;
    // Whoever comes back raises their hand anew, which is no news.
    const news = now === undefined || now > (this.#hands.get(person) ?? -Infinity);
    if (now !== undefined) this.#hands.set(person, now);
    if (!announced || !news || !this.#handPace.take(person.id)) return;
    events.push({ kind: 'hand', participant: person, raised: now !== undefined });
  }

  /** Gone for good, if they are not back in time. */
  #wait(person: Person): void {
    person.vanish();
    const wait = {};
    this.#away.set(person, wait);
    void this.#scope.pause(GRACE).then(() => {
      if (this.#scope.ended || this.#away.get(person) !== wait) return;
      this.#away.delete(person);
      this.#hands.delete(person);
      for (const [connection, each] of this.#known)
        if (each === person) this.#known.delete(connection);
      this.happened.tell({ kind: 'left', participant: person });
    });
  }

  #list(others: readonly Person[]): void {
    const next = this.#me === undefined ? [] : [this.#me, ...others];
    if (isSameList(next, this.participants)) return;
    this.participants = next;
    this.changed.tell();
  }
}
