import type { End } from '../comeBack';
import { CallError } from '../model';
import { isFinal } from '../refusals';
import { Scope } from '../scope';
import type { Connection } from './connection';
import { joinError, mediaServerError } from './errors';
import type { SdkCall, SdkEvents, SdkState } from './sdk';

/** Milliseconds that joining and leaving may take. */
const LONGEST_JOIN = 30_000;
const LONGEST_LEAVE = 3_000;
/** That the SDK waits for a media server to let us in. */
const LONGEST_ANSWER = 10_000;
/** That the SDK gets to mend a connection; being offline it would wait for ever. */
const LONGEST_MENDING = 45_000;

/** `callEnded`, `reason`. */
const KICKED = 3;
/** `error`, `reconnectStrategy`: the media server wants us to go. */
const DISCONNECT = 1;
/** What the SDK says when no media ever came through. */
const NO_MEDIA = 'webrtc_unsupported_network';

interface StayListener {
  /** Whether it is connected; if not, it is being mended. */
  connected(is: boolean): void;
  /** It cannot be gone on with; undefined: but one may come back. */
  over(end: End | undefined): void;
}

/**
 * One stay in the call, by one connection of the user's and one of the SDK's calls. The SDK mends it
 * as long as it can; why it left is nowhere in its state, and is gathered here.
 */
export class Stay {
  readonly sdk: SdkCall;
  readonly scope = new Scope();
  readonly #connection: Connection;
  readonly #listener: StayListener;
  readonly #leave: SdkCall['leave'];
  #state: 'joining' | 'joined' | 'over' = 'joining';
  /** What was said before the SDK left. */
  #end: End | undefined;
  /** Lasts while the SDK mends. */
  #mending: Scope | undefined;
  /** Ends a try to join. */
  #refuse: (error: CallError) => void = () => undefined;

  constructor(connection: Connection, listener: StayListener) {
    this.#connection = connection;
    this.#listener = listener;
    const sdk = (this.sdk = connection.call());
    this.#leave = sdk.leave;
    // The SDK's own leaves go through here, too, and say why.
    sdk.leave = (options) => {
      if (options?.message === NO_MEDIA) this.#end ??= { reason: 'refused', code: 'media-blocked' };
      return this.#leave(options);
    };
    this.#listen();
    connection.onEnd = (error) => {
      this.#over(isFinal(error.code) ? { reason: 'refused', code: error.code } : undefined);
    };
  }

  /** @throws CallError if it was not let in, or `signal` was aborted. */
  async join(signal?: AbortSignal): Promise<void> {
    const { sdk } = this;
    const refused = new Promise<never>((_, reject) => (this.#refuse = reject));
    refused.catch(() => undefined);
    try {
      sdk.audioBindingsWatchdog?.setEnabled(false);
      const joining = Promise.race([this.#enter(), refused]);
      await this.#connection.within('joining', joining, LONGEST_JOIN, signal);
      if (sdk.state.callingState !== 'joined') throw this.#reason();
    } catch (thrown) {
      const error = joinError(thrown);
      await this.leave();
      throw error;
    }
    this.#state = 'joined';
    this.#connection.settle();
  }

  async #enter(): Promise<void> {
    const { sdk } = this;
    // What the call's settings say of devices is not done: those are the page's.
    await sdk.camera.disable();
    await sdk.microphone.disable();
    await sdk.microphone.disableSpeakingWhileMutedNotification();
    if (this.#state === 'over') return;
    const { create } = this.#connection.grant;
    await sdk.join({ create, maxJoinRetries: 3, joinResponseTimeout: LONGEST_ANSWER });
  }

  /** For good. Soon there, and never rejects. */
  async leave(): Promise<void> {
    const joining = this.#state === 'joining';
    this.#state = 'over';
    this.#mended();
    this.scope.end();
    if (this.sdk.state.callingState !== 'left') {
      const left = this.#leave().catch(() => undefined);
      await this.#connection.within('leaving', left, LONGEST_LEAVE).catch(() => undefined);
    }
    if (joining) this.#neverJoins();
    await this.#connection.close();
  }

  /**
   * The SDK's tries to join outlive its leaving: one that succeeds is left, too. It listens as long
   * as the SDK has the call.
   */
  #neverJoins(): void {
    this.sdk.state.callingState$.subscribe((state) => {
      if (state === 'joined') this.#leave().catch(() => undefined);
    });
  }

  #listen(): void {
    const { sdk, scope } = this;
    const { identity } = this.#connection.grant;
    const on = <E extends keyof SdkEvents>(event: E, listen: (event: SdkEvents[E]) => void): void =>
      scope.add(sdk.on(event, listen));
    on('callEnded', ({ reason }) => this.#say({ reason: reason === KICKED ? 'removed' : 'ended' }));
    on('call.ended', ({ call_cid }) => {
      if (call_cid === sdk.cid) this.#say({ reason: 'ended' });
    });
    for (const event of ['call.blocked_user', 'call.kicked_user'] as const)
      on(event, ({ call_cid, user }) => {
        if (call_cid === sdk.cid && user.id === identity) this.#say({ reason: 'removed' });
      });
    on('error', ({ error, reconnectStrategy }) => {
      if (error === undefined) return;
      const refusal = mediaServerError(error.code, error.message);
      if (refusal === undefined) return;
      if (this.#state === 'joining') this.#refuse(refusal);
      else if (reconnectStrategy !== DISCONNECT) return;
      // A server in trouble is no end: there may be another one.
      else if (isFinal(refusal.code)) this.#say({ reason: 'refused', code: refusal.code });
      else this.#over(undefined);
    });
    const states = sdk.state.callingState$.subscribe((state) => this.#become(state));
    scope.add(() => states.unsubscribe());
  }

  /** Somebody said why it ends. The SDK does not always leave, but we do. */
  #say(end: End): void {
    this.#end ??= end;
    if (this.#state === 'joining') this.#refuse(this.#reason());
    else this.#over(this.#end);
  }

  /** Why one was not let in. */
  #reason(): CallError {
    const { reason, code } = this.#end ?? { reason: 'connection-lost' as const };
    return new CallError(code ?? reason);
  }

  #become(state: SdkState): void {
    if (this.#state !== 'joined') return;
    switch (state) {
      case 'joined':
        this.#mended();
        this.#listener.connected(true);
        return;
      case 'left':
        // What else there is to be heard of it comes in the same task.
        void this.scope.pause(0).then(() => this.#over(this.#end));
        return;
      case 'reconnecting-failed':
        this.#over(undefined);
        return;
      default:
        this.#mend();
        this.#listener.connected(false);
    }
  }

  /** The SDK is at it; its time runs from when it began. */
  #mend(): void {
    if (this.#mending !== undefined) return;
    const mending = (this.#mending = new Scope());
    void mending.pause(LONGEST_MENDING).then(() => {
      if (!mending.ended) this.#over(undefined);
    });
  }

  #mended(): void {
    this.#mending?.end();
    this.#mending = undefined;
  }

  #over(end: End | undefined): void {
    if (this.#state !== 'joined') return;
    this.#state = 'over';
    this.#listener.over(end);
  }
}
