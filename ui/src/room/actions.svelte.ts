import type { Call, InputRole, MessageOptions, PermissionRequest } from '../call/model';
import type { DeviceNotices } from '../devices/local.svelte';
import { deviceFailure } from '../errors/failure';
import type { Failures } from '../errors/failures.svelte';
import { attempt } from './attempt';

/** Where it is told that somebody was asked for a permission. */
const ASKING = ['call', 'microphone', 'camera', 'screen'] as const;

/** What the user does in a room. What does not work is told until it does. */
export class RoomActions {
  /** The meeting is being ended for everyone. */
  ending = $state(false);
  readonly #call: Call;
  readonly #devices: Pick<DeviceNotices, 'switches'>;
  readonly #failures: Failures;

  constructor(call: Call, devices: Pick<DeviceNotices, 'switches'>, failures: Failures) {
    this.#call = call;
    this.#devices = devices;
    this.#failures = failures;
  }

  /** Inverts what the switch shows, which a device may be slow to follow. */
  readonly toggle = (role: InputRole): Promise<void> =>
    this.#turn(role, this.#devices.switches[role] === 'off');

  share(wanted: boolean): Promise<void> {
    return this.#try('screen', () => this.#call.enable('screen', wanted));
  }

  raiseHand(wanted: boolean): Promise<void> {
    return this.#try('hand', () => this.#call.raiseHand(wanted));
  }

  react(emoji: string): Promise<void> {
    return this.#try('general', () => this.#call.react(emoji));
  }

  /** Begins or ends the recording of the meeting. */
  record(wanted: boolean): Promise<void> {
    return this.#try('recording', () => this.#call.record(wanted));
  }

  /** Has what is said written down for everybody, or no more. */
  caption(wanted: boolean): Promise<void> {
    return this.#try('captions', () => this.#call.caption(wanted));
  }

  /** Speaks, or does so no more, whatever a device is slow with. */
  speak(on: boolean): Promise<void> {
    return this.#turn('microphone', on);
  }

  /** Tells what the user should know of what they asked for, until ended. */
  followAnswers(): () => void {
    return this.#call.listen((event) => {
      if (event.kind !== 'warning') return;
      // It is the answer to what is still said to have been asked.
      for (const subject of ASKING)
        if (this.#failures.of(subject)?.code === 'permission-asked') this.#failures.end(subject);
      this.#failures.caught('request', event.error);
    });
  }

  /** To what the host wants to be switched on. */
  readonly answerHost = (role: InputRole, yes: boolean): void => {
    if (yes) void this.#turn(role, true);
    else this.#call.decline(role);
  };

  /** To what somebody else wants to be allowed. */
  readonly answerRequest = (request: PermissionRequest, granted: boolean): void =>
    void this.#try('request', () => this.#call.answer(request, granted));

  /** Rejects what is no message, after that was told. */
  readonly send = async (text: string, options?: MessageOptions): Promise<void> => {
    try {
      await this.#call.sendMessage(text, options);
      this.#failures.end('chat');
    } catch (thrown) {
      this.#failures.caught('chat', thrown);
      throw thrown;
    }
  };

  /** Offers a file in the chat. */
  readonly sendFile = (file: File, options?: MessageOptions): Promise<void> =>
    this.#try('chat', () => this.#call.sendFile(file, options));

  async endForEveryone(end: () => Promise<void>): Promise<void> {
    this.ending = true;
    try {
      await end();
    } catch (thrown) {
      this.#failures.caught('general', thrown);
    } finally {
      this.ending = false;
    }
  }

  async #turn(role: InputRole, wanted: boolean): Promise<void> {
    try {
      await this.#call.enable(role, wanted);
      this.#failures.end(role);
    } catch (thrown) {
      this.#failures.tell(role, deviceFailure(role, thrown));
    }
  }

  #try(subject: Parameters<Failures['caught']>[0], action: () => Promise<void>): Promise<void> {
    return attempt(this.#call, this.#failures, subject, action);
  }
}
