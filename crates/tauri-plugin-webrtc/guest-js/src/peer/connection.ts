/** `RTCPeerConnection` (W3C webrtc-pc, section 4.4). */
import { coreOf } from '../media/track';
import type { MediaStreamTrack } from '../media/track';
import type { MediaStream } from '../media/stream';
import { invalidState } from '../errors';
import { defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import { host } from '../transport';
import type { Encoding, Kind, SessionDescription } from '../wire';
import { channelInit } from './channel';
import type { RTCDataChannel } from './channel';
import { changedConfiguration, checkedConfiguration, wireConfiguration } from './configuration';
import type { FullConfiguration } from './configuration';
import { PeerCore } from './core';
import { sdpType } from './description';
import type { RTCSessionDescription } from './description';
import type {
  RTCDataChannelEvent,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCTrackEvent,
} from './events';
import { initialEncodings } from './parameters';
import type { RTCRtpReceiver } from './receiver';
import { sendable, streamIds } from './sender';
import type { RTCRtpSender } from './sender';
import { statsReport } from './stats';
import type { RTCStatsReport } from './stats';
import { directionOf, sends, withSending } from './transceiver';
import type { RTCRtpTransceiver } from './transceiver';
import type { RTCSctpTransport } from './transports';

/** `RTCRtpTransceiverInit`. */
interface AddTransceiverInit {
  direction?: string;
  streams?: MediaStream[];
  sendEncodings?: RTCRtpEncodingParameters[];
}

/**
 * Legacy form of an operation: with callbacks it answers undefined, not the result (W3C
 * webrtc-pc, section 4.4.3).
 */
function legacy<T>(promise: Promise<T>, success: unknown, failure: unknown): Promise<T> {
  if (typeof success !== 'function') return promise;
  promise.then(
    (value) => void (success as (value: T) => void)(value),
    (error: unknown) => {
      if (typeof failure === 'function') (failure as (error: unknown) => void)(error);
    },
  );
  return Promise.resolve() as Promise<T>;
}

export class RTCPeerConnection extends EventTarget {
  declare onnegotiationneeded: EventHandler;
  declare onicecandidate: EventHandler<RTCPeerConnectionIceEvent>;
  declare onicecandidateerror: EventHandler<RTCPeerConnectionIceErrorEvent>;
  declare onsignalingstatechange: EventHandler;
  declare oniceconnectionstatechange: EventHandler;
  declare onicegatheringstatechange: EventHandler;
  declare onconnectionstatechange: EventHandler;
  declare ontrack: EventHandler<RTCTrackEvent>;
  declare ondatachannel: EventHandler<RTCDataChannelEvent>;
  readonly #core: PeerCore;

  constructor(configuration?: RTCConfiguration) {
    super();
    this.#core = new PeerCore(this, checkedConfiguration(configuration));
  }

  /** The host makes a fresh certificate for each connection. */
  static generateCertificate(): Promise<never> {
    return Promise.reject(
      new DOMException('Certificates are made by the host', 'NotSupportedError'),
    );
  }

  get signalingState(): string {
    return this.#core.states.signalingState;
  }

  get iceGatheringState(): string {
    return this.#core.states.iceGatheringState;
  }

  get iceConnectionState(): string {
    return this.#core.states.iceConnectionState;
  }

  get connectionState(): string {
    return this.#core.states.connectionState;
  }

  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#core.descriptions.currentLocal;
  }

  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#core.descriptions.pendingLocal;
  }

  get localDescription(): RTCSessionDescription | null {
    return this.pendingLocalDescription ?? this.currentLocalDescription;
  }

  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#core.descriptions.currentRemote;
  }

  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#core.descriptions.pendingRemote;
  }

  get remoteDescription(): RTCSessionDescription | null {
    return this.pendingRemoteDescription ?? this.currentRemoteDescription;
  }

  get canTrickleIceCandidates(): boolean | null {
    const remote = this.remoteDescription;
    return remote ? /^a=ice-options:.*\btrickle\b/m.test(remote.sdp) : null;
  }

  get sctp(): RTCSctpTransport | null {
    return this.#core.transports.sctp;
  }

  getConfiguration(): FullConfiguration {
    return structuredClone(this.#core.configuration);
  }

  setConfiguration(configuration: RTCConfiguration = {}): void {
    const core = this.#core;
    core.assertOpen();
    core.configuration = changedConfiguration(core.configuration, configuration);
    host().post({
      op: 'pcSetConfiguration',
      pc: core.id,
      configuration: wireConfiguration(core.configuration),
    });
  }

  // The number of declared parameters tells callers what is supported, hence the rest parameters.

  createOffer(...given: unknown[]): Promise<SessionDescription> {
    const callbacks = typeof given[0] === 'function';
    const options = (callbacks ? given[2] : given[0]) as RTCOfferOptions | null | undefined;
    const core = this.#core;
    const operation = core.chain(async () => {
      this.#legacyReceive('audio', options?.offerToReceiveAudio);
      this.#legacyReceive('video', options?.offerToReceiveVideo);
      const iceRestart = Boolean(options?.iceRestart);
      return host().request({ op: 'pcCreateOffer', pc: core.id, iceRestart });
    });
    return legacy(operation, given[0], given[1]);
  }

  createAnswer(...given: unknown[]): Promise<SessionDescription> {
    const core = this.#core;
    const operation = core.chain(() => this.#createAnswer());
    return legacy(operation, given[0], given[1]);
  }

  setLocalDescription(...given: unknown[]): Promise<void> {
    const init = (given[0] ?? {}) as Partial<RTCSessionDescriptionInit>;
    return legacy(this.#setLocal(init), given[1], given[2]);
  }

  setRemoteDescription(...given: unknown[]): Promise<void> {
    return legacy(this.#setRemote(given[0]), given[1], given[2]);
  }

  addIceCandidate(...given: unknown[]): Promise<void> {
    return legacy(this.#addCandidate(given[0]), given[1], given[2]);
  }

  restartIce(): void {
    if (!this.#core.closed) host().post({ op: 'pcRestartIce', pc: this.#core.id });
  }

  getSenders(): RTCRtpSender[] {
    return this.#core.transceivers.filter(({ stopped }) => !stopped).map(({ sender }) => sender);
  }

  getReceivers(): RTCRtpReceiver[] {
    return this.#core.transceivers
      .filter(({ stopped }) => !stopped)
      .map(({ receiver }) => receiver);
  }

  getTransceivers(): RTCRtpTransceiver[] {
    return this.#core.transceivers.map(({ transceiver }) => transceiver);
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    const core = this.#core;
    const local = sendable(track);
    const ids = streamIds(streams);
    core.assertOpen();
    if (core.transceivers.some(({ senderCore }) => senderCore.track === track)) {
      throw new DOMException('The track has a sender already', 'InvalidAccessError');
    }
    const reused = core.transceivers.find(
      ({ kind, senderCore, stopping, hasSent }) =>
        kind === local.kind && senderCore.track === null && !stopping && !hasSent,
    );
    if (!reused) {
      const fresh = core.addTransceiver(local.kind, 'sendrecv', initialEncodings(local.kind, []), {
        track: local.hostId ?? null,
        trackId: local.id,
        streams: ids,
        byAddTrack: true,
      });
      fresh.senderCore.track = track;
      return fresh.sender;
    }
    reused.senderCore.track = track;
    const at = { pc: core.id, transceiver: reused.id };
    const next = { track: local.hostId ?? null, trackId: local.id };
    host().post({ op: 'senderReplaceTrack', ...at, ...next });
    host().post({ op: 'senderSetStreams', ...at, streams: ids });
    reused.setDirection(withSending(reused.direction, true));
    return reused.sender;
  }

  removeTrack(sender: RTCRtpSender): void {
    const core = this.#core;
    core.assertOpen();
    const transceiver = core.transceivers.find((candidate) => candidate.sender === sender);
    if (!transceiver) {
      throw new DOMException('The sender is not of this connection', 'InvalidAccessError');
    }
    if (transceiver.stopping || transceiver.senderCore.track === null) return;
    transceiver.senderCore.track = null;
    host().post({
      op: 'senderReplaceTrack',
      pc: core.id,
      transceiver: transceiver.id,
      track: null,
      trackId: null,
    });
    if (sends(transceiver.direction)) {
      transceiver.setDirection(withSending(transceiver.direction, false));
    }
  }

  addTransceiver(
    trackOrKind: MediaStreamTrack | string,
    init: AddTransceiverInit = {},
  ): RTCRtpTransceiver {
    const core = this.#core;
    const local = typeof trackOrKind === 'string' ? undefined : sendable(trackOrKind);
    const kind = local?.kind ?? kindOf(trackOrKind);
    const encodings: Encoding[] = initialEncodings(kind, init.sendEncodings ?? []);
    const direction = directionOf(init.direction ?? 'sendrecv');
    const streams = streamIds(init.streams ?? []);
    core.assertOpen();
    if (direction === 'stopped') throw new TypeError("a transceiver can't begin stopped");
    const fresh = core.addTransceiver(kind, direction, encodings, {
      track: local?.hostId ?? null,
      trackId: local?.id ?? null,
      streams,
      byAddTrack: false,
    });
    fresh.senderCore.track = local?.track ?? null;
    return fresh.transceiver;
  }

  createDataChannel(label: string, init: RTCDataChannelInit = {}): RTCDataChannel {
    const name = String(label);
    const wire = channelInit(name, init);
    this.#core.assertOpen();
    return this.#core.createChannel(name, wire);
  }

  async getStats(selector: MediaStreamTrack | null = null): Promise<RTCStatsReport> {
    const core = this.#core;
    if (selector === null) {
      if (core.closed) return statsReport({}, core);
      const all = { op: 'pcGetStats', pc: core.id, transceiver: null, side: null } as const;
      return statsReport(await host().request(all), core);
    }
    const found = core.transceivers.flatMap(({ sender, receiver }) => [
      ...(sender.track === selector ? [sender] : []),
      ...(receiver.track === selector ? [receiver] : []),
    ]);
    const [only] = found;
    if (!coreOf(selector) || !only || found.length > 1) {
      throw new DOMException('No or several senders or receivers', 'InvalidAccessError');
    }
    return only.getStats();
  }

  close(): void {
    this.#core.close();
  }

  #createAnswer(): Promise<SessionDescription> {
    const { id, states } = this.#core;
    if (
      states.signalingState !== 'have-remote-offer' &&
      states.signalingState !== 'have-local-pranswer'
    ) {
      return Promise.reject(invalidState('There is no remote offer to answer'));
    }
    return host().request({ op: 'pcCreateAnswer', pc: id });
  }

  async #setLocal(init: Partial<RTCSessionDescriptionInit>): Promise<void> {
    const core = this.#core;
    const type = init.type === undefined ? undefined : sdpType(init.type);
    await core.chain(async () => {
      const { signalingState } = core.states;
      const offers = ['stable', 'have-local-offer', 'have-remote-pranswer'];
      const implied = offers.includes(signalingState) ? 'offer' : 'answer';
      let description: SessionDescription | null = { type: type ?? implied, sdp: init.sdp ?? '' };
      if (description.sdp === '' && description.type !== 'rollback') {
        // W3C: an empty offer or answer is made here and now.
        if (description.type === 'pranswer') {
          const { sdp } = await this.#createAnswer();
          description = { type: 'pranswer', sdp };
        } else if (description.type === implied) {
          description = null;
        }
      }
      const op = 'pcSetLocalDescription';
      core.descriptionSet(await host().request({ op, pc: core.id, description }));
    });
  }

  async #setRemote(given: unknown): Promise<void> {
    const core = this.#core;
    if (typeof given !== 'object' || given === null) throw new TypeError('no description');
    const init = given as RTCSessionDescriptionInit;
    const description = { type: sdpType(init.type), sdp: init.sdp ?? '' };
    await core.chain(async () => {
      const { signalingState } = core.states;
      if (description.type === 'offer' && signalingState === 'have-local-offer') {
        // W3C: a remote offer rolls a local one back.
        const rollback = { type: 'rollback', sdp: '' } as const;
        const op = 'pcSetLocalDescription';
        core.descriptionSet(await host().request({ op, pc: core.id, description: rollback }));
      }
      const op = 'pcSetRemoteDescription';
      core.descriptionSet(await host().request({ op, pc: core.id, description }));
    });
  }

  async #addCandidate(given: unknown): Promise<void> {
    const core = this.#core;
    const init = (given ?? {}) as RTCIceCandidateInit;
    const { candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = init;
    if (candidate !== '' && sdpMid === null && sdpMLineIndex === null) {
      throw new TypeError('sdpMid or sdpMLineIndex has to be given');
    }
    await core.chain(async () => {
      if (!this.remoteDescription) throw invalidState('There is no remote description');
      await host().request({
        op: 'pcAddIceCandidate',
        pc: core.id,
        candidate: { candidate, sdpMid, sdpMLineIndex, usernameFragment },
      });
    });
  }

  /** `offerToReceiveAudio` and `...Video` (W3C webrtc-pc, section 4.4.3.2). */
  #legacyReceive(kind: Kind, wanted: boolean | undefined): void {
    if (wanted === undefined) return;
    const own = this.#core.transceivers.filter((core) => core.kind === kind && !core.stopping);
    if (!wanted) {
      for (const core of own) {
        if (core.direction === 'sendrecv') core.setDirection('sendonly');
        else if (core.direction === 'recvonly') core.setDirection('inactive');
      }
    } else if (!own.some(({ direction }) => direction === 'sendrecv' || direction === 'recvonly')) {
      this.addTransceiver(kind, { direction: 'recvonly' });
    }
  }
}
defineHandlers(RTCPeerConnection.prototype, [
  'negotiationneeded',
  'icecandidate',
  'icecandidateerror',
  'signalingstatechange',
  'iceconnectionstatechange',
  'icegatheringstatechange',
  'connectionstatechange',
  'track',
  'datachannel',
]);
nameInterface(RTCPeerConnection, 'RTCPeerConnection');

function kindOf(value: unknown): Kind {
  if (value !== 'audio' && value !== 'video') throw new TypeError(`'${String(value)}' is no kind`);
  return value;
}
