import { isSameList } from './lists';
import { Captions } from './captions';
import { Chat, LONGEST_MESSAGE, type Written } from './chat';
import { comeBack, type End } from './comeBack';
import { Files, LARGEST_FILE, type FileWire } from './files';
import { Listeners } from './listeners';
import {
  CallError,
  type Call,
  type CallEvent,
  type CallState,
  type Caption,
  type ChatMessage,
  type InputRole,
  type InputState,
  type LocalMedia,
  type MessageOptions,
  type Participant,
  type PermissionRequest,
  type Rights,
  type Statistics,
  type Switchable,
  type TrackSource,
} from './model';
import { ReceptionStatistics } from './receptionStatistics';
import { Roster } from './roster';
import { Scope } from './scope';
import { RemoteSound } from './remoteSound';
import { INPUTS, isInput } from './sources';

/**
 * What every call is made of, whoever carries it: who is there, what is written and heard, and the
 * user's own switches. An adapter adds the connections.
 */
export abstract class BaseCall implements Call {
  state: CallState = { kind: 'connecting' };
  speakers: readonly Participant[] = [];
  since: number | undefined;
  problem: CallError | undefined;
  asked: readonly InputRole[] = [];
  requests: readonly PermissionRequest[] = [];
  recording = false;
  captioning = false;
  abstract readonly rights: Rights;

  protected readonly media: LocalMedia;
  /** Ends with the call. */
  protected readonly life = new Scope();
  protected readonly events = new Listeners<[CallEvent]>();
  protected readonly roster = new Roster(this.life);
  protected readonly chat = new Chat(
    () => this.tell(),
    this.life,
    (written) => this.post(written),
  );
  protected readonly files = new Files(
    { say: (...said) => this.wire.say(...said), open: (...file) => this.wire.open(...file) },
    (key, from, state) => this.chat.changeFile(key, from, state),
    this.life,
  );
  protected readonly spoken = new Captions(() => this.tell(), this.life);
  protected readonly sound: RemoteSound;
  protected readonly reception = new ReceptionStatistics();
  /** When the user's hand was raised, milliseconds since 1970; a new connection is told of it. */
  protected hand: number | undefined;
  readonly #listeners = new Listeners();
  /**
   * Sounds of shared screens that a host silenced. The user has no switch for one: what they share
   * next has another sound.
   */
  readonly #silenced = new WeakSet<MediaStreamTrack>();

  constructor(media: LocalMedia) {
    this.media = media;
    this.sound = new RemoteSound(this.life, media.speaker);
    this.life.add(media.subscribe(() => this.#mediaChanged()));
    this.life.add(this.roster.changed.add(() => this.tell()));
    this.life.add(this.roster.happened.add((event) => this.happened(event)));
    this.life.add(this.roster.volumeChanged.add(() => this.sound.retune()));
    this.life.add(this.sound.changed.add(() => this.tell()));
  }

  get participants(): readonly Participant[] {
    return this.roster.participants;
  }

  get messages(): readonly ChatMessage[] {
    return this.chat.messages;
  }

  get captions(): readonly Caption[] {
    return this.spoken.all;
  }

  get audioBlocked(): boolean {
    return this.sound.blocked;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  listen(listener: (event: CallEvent) => void): () => void {
    return this.events.add(listener);
  }

  async enable(source: Switchable, enabled: boolean): Promise<void> {
    if (this.left()) return;
    if (isInput(source)) this.decline(source);
    // No device is opened that nobody may be shown.
    const hindrance = enabled ? this.rights[source] : undefined;
    if (hindrance === 'grant')
      throw new CallError(this.want(source) ? 'permission-asked' : 'token-publish-missing');
    if (hindrance !== undefined) throw new CallError('screen-unsupported');
    await this.media.enable(source, enabled);
    await this.follow(source);
    this.update();
  }

  decline(role: InputRole): void {
    if (!this.asked.includes(role)) return;
    this.asked = this.asked.filter((each) => each !== role);
    this.tell();
  }

  unblockAudio(): Promise<void> {
    return this.sound.unblock();
  }

  async sendMessage(text: string, options: MessageOptions = {}): Promise<void> {
    const action = options.to === undefined ? 'chat' : 'write-privately';
    if (this.rights[action] !== undefined)
      throw new CallError('action-refused', 'no permission to write');
    if (new TextEncoder().encode(text).length > LONGEST_MESSAGE)
      throw new CallError('internal', 'the message is too long');
    const { me } = this.roster;
    if (me !== undefined) await this.chat.send(me, text, options);
  }

  resend(id: number): Promise<void> {
    return this.chat.resend(id);
  }

  async sendFile(file: File, options: MessageOptions = {}): Promise<void> {
    const { rights } = this;
    const hindered =
      rights.chat ?? rights['send-files'] ?? (options.to && rights['write-privately']);
    if (hindered !== undefined)
      throw new CallError('action-refused', 'no permission to send files');
    if (file.size === 0 || file.size > LARGEST_FILE)
      throw new CallError('internal', 'the file is empty, or too large');
    const { me } = this.roster;
    if (me === undefined) return;
    const key = crypto.randomUUID();
    const offer = { name: file.name.slice(0, 255), size: file.size, type: file.type };
    this.files.offer(key, file, offer, options.to?.identity);
    await this.chat.send(me, `📎 ${offer.name}`, options, { key, offer, content: file });
  }

  async fetchFile(id: number): Promise<void> {
    const { key, from } = this.chat.fileOf(id) ?? {};
    const file = this.messages.find((each) => each.id === id)?.file;
    const can = file?.state === 'offered' || file?.state === 'failed';
    if (key !== undefined && from !== undefined && can) await this.files.fetch(key, from, file);
  }

  async cancelFile(id: number): Promise<void> {
    const { key, from } = this.chat.fileOf(id) ?? {};
    if (key === undefined) return;
    await (from === undefined ? this.files.withdraw(key) : this.files.cancel(key, from));
  }

  async react(emoji: string): Promise<void> {
    await this.postReaction(emoji);
    const participant = this.roster.me;
    if (participant !== undefined) this.events.tell({ kind: 'reaction', participant, emoji });
  }

  async raiseHand(raised: boolean): Promise<void> {
    if (this.left()) return;
    // What is not permitted would be shown here, and to nobody else.
    if (raised && this.rights['raise-hand'] !== undefined)
      throw new CallError('action-refused', 'no permission to raise a hand');
    const before = this.hand;
    this.hand = raised ? (before ?? Date.now()) : undefined;
    this.update();
    try {
      await this.showHand();
    } catch (thrown) {
      this.hand = before;
      this.update();
      throw thrown;
    }
  }

  abstract mute(participant: Participant, source: TrackSource): Promise<void>;
  abstract remove(participant: Participant): Promise<void>;
  abstract endForAll(): Promise<void>;
  abstract record(on: boolean): Promise<void>;
  abstract caption(on: boolean): Promise<void>;
  abstract answer(request: PermissionRequest, granted: boolean): Promise<void>;
  abstract statistics(): Promise<Statistics>;
  abstract leave(): Promise<void>;
  abstract deserted(signal: AbortSignal): Promise<boolean>;

  /** How files get to others. */
  protected abstract readonly wire: FileWire;

  /** Brings it to all others, or to the one whom it is for, or rejects. */
  protected abstract post(written: Written): Promise<void>;
  protected abstract postReaction(emoji: string): Promise<void>;
  /** Shows the others whether the user's hand is raised. */
  protected abstract showHand(): Promise<void>;
  /** Lets the others have what the device gives now. */
  protected abstract follow(source: TrackSource): Promise<void>;
  /** The devices give something else, or are switched. */
  protected abstract followMedia(): void;
  /** Looks anew who is there, and how. */
  protected abstract update(): void;

  /** The user wants to show what there is no permission for. Whether whoever may give it is asked. */
  protected abstract want(source: Switchable): boolean;

  /** Asked anew after every wait: the user may have left meanwhile. */
  protected left(): boolean {
    return this.life.ended;
  }

  protected tell(): void {
    this.#listeners.tell();
  }

  protected happened(event: CallEvent): void {
    if (event.kind === 'left') this.files.left(event.participant.identity);
    this.events.tell(event);
  }

  /** What the others may have of a source now. */
  protected input(source: TrackSource): InputState {
    const { track, enabled } = this.media.input(source);
    return { track, enabled: enabled && !(track !== undefined && this.#silenced.has(track)) };
  }

  /**
   * Switches a source off, until the user switches it on again; `moderated`: by somebody with the
   * right to it, and not for want of success; `shut`: nobody gets it, so that it is not open either.
   */
  protected switchOff(source: TrackSource, moderated: boolean, shut = false): void {
    if (isInput(source)) this.asked = this.asked.filter((each) => each !== source);
    const { track, enabled } = this.input(source);
    // A screen may have no sound.
    const given = enabled && (source !== 'screen-audio' || track !== undefined);
    if (moderated && given) this.events.tell({ kind: 'moderated', source });
    if (source !== 'screen-audio') {
      // It is to be off, whatever becomes of that.
      const off = shut ? this.media.shut(source) : this.media.enable(source, false);
      off.catch(() => undefined);
    } else if (moderated && track !== undefined) {
      this.#silenced.add(track);
      void this.follow(source);
      this.update();
    }
    this.tell();
  }

  /** What is off, but open, and may not be published is closed: it would be open for nobody. */
  protected shutForbidden(): void {
    for (const role of INPUTS) {
      const { track, enabled } = this.media.input(role);
      if (this.rights[role] === 'grant' && track !== undefined && !enabled)
        this.media.shut(role).catch(() => undefined);
    }
  }

  /** Who speaks, the loudest first; those who are not known yet do not count. */
  protected speak(loudest: readonly (Participant | undefined)[]): void {
    const speakers = loudest.filter((each) => each !== undefined);
    if (isSameList(speakers, this.speakers)) return;
    this.speakers = speakers;
    this.tell();
  }

  protected become(state: Exclude<CallState, { kind: 'disconnected' }>): void {
    if (this.state.kind === 'disconnected') return;
    this.state = state;
    this.update();
    this.tell();
  }

  /** The connection is beyond mending: the next one is made, as `comeBack` says. */
  protected async comeBack(
    again: () => Promise<void>,
    errorOf: (thrown: Error) => CallError,
  ): Promise<void> {
    this.files.interrupt();
    this.become({ kind: 'reconnecting' });
    const end = await comeBack(this.life, again, errorOf);
    if (end !== undefined) this.finish(end);
  }

  protected finish(end: End): void {
    if (this.state.kind === 'disconnected') return;
    this.state = { kind: 'disconnected', ...end };
    this.life.end();
    this.tell();
  }

  #mediaChanged(): void {
    void this.sound.useSpeaker(this.media.speaker);
    for (const role of INPUTS) {
      const { track, enabled } = this.media.input(role);
      // It is on as it was asked to be.
      if (track !== undefined && enabled) this.decline(role);
    }
    this.followMedia();
    this.update();
  }
}
