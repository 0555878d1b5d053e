import { it, vi } from 'vitest';

import type { Call, CallEvent, Participant } from '../../src/call/model';
import { LocalDevices } from '../../src/devices/local.svelte';
import { fillInHardware, Hardware } from '../support/devices';
import type { OtherSide, Sent } from '../support/otherSide';

/** What not every provider has. */
export type Lack =
  | 'mute apart from unpublishing'
  | 'lost connections of others'
  | 'a right to write'
  | 'private messages'
  | 'files'
  | 'a right to raise a hand'
  | 'asking to switch on'
  | 'requests for permissions'
  | 'one connection for each user'
  | 'moderation by participants';

export const live = { muted: false, paused: false };

/** A provider, a computer, and whoever joins with them: another one for each test. */
export class Scene {
  hardware = new Hardware();
  devices = new LocalDevices();
  readonly #make: () => OtherSide;
  readonly #lacks: readonly Lack[];
  #other: OtherSide | undefined;

  constructor(make: () => OtherSide, lacks: readonly Lack[]) {
    this.#make = make;
    this.#lacks = lacks;
  }

  get other(): OtherSide {
    if (this.#other === undefined) throw new Error('the test has not begun');
    return this.#other;
  }

  begin(): void {
    vi.useFakeTimers({ now: 1_000_000 });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    localStorage.clear();
    this.hardware = fillInHardware();
    this.#other = this.#make();
  }

  end(): void {
    vi.useRealTimers();
    vi.restoreAllMocks();
    document.body.replaceChildren();
  }

  lacks(lack: Lack): boolean {
    return this.#lacks.includes(lack);
  }

  /** `it`, for providers that have what is needed; of the others `lacking` has a test. */
  where(needed: Lack): (name: string, test: () => Promise<void>) => void {
    return this.lacks(needed) ? it.skip : it;
  }

  /** What the others get of what is open and muted. */
  get muted(): Sent {
    return this.lacks('mute apart from unpublishing') ? 'nothing' : 'silence';
  }

  async join(signal?: AbortSignal): Promise<Call> {
    this.devices = new LocalDevices();
    await this.devices.open();
    const user = await this.other.provider.connectUser(this.other.grants);
    const call = await user.join(this.devices, signal);
    this.devices.entered();
    await pass();
    return call;
  }
}

export async function pass(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

export function eventsOf(call: Call): CallEvent[] {
  const events: CallEvent[] = [];
  call.listen((event) => events.push(event));
  return events;
}

export const identities = (of: readonly Participant[]): string[] =>
  of.map(({ identity }) => identity);

export function find(call: Call, identity: string): Participant {
  const found = call.participants.find((each) => each.identity === identity);
  if (found === undefined) throw new Error(`${identity} is not there`);
  return found;
}
