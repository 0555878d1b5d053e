/**
 * What is behind an `RTCPeerConnection`: the snapshot of the host's state, the operations chain,
 * transceivers and streams. Fires the connection's events in the order of W3C webrtc-pc.
 */
import { addRemoteTrack, remoteStream, removeRemoteTrack } from '../media/stream';
import type { MediaStream } from '../media/stream';
import { invalidState } from '../errors';
import { queueTask } from '../surface';
import { host } from '../transport';
import type { ConnectionEvent } from '../transport';
import type {
  DataChannelInit,
  Descriptions,
  DescriptionSet,
  Direction,
  Encoding,
  Kind,
  PcState,
  TransceiverInit,
} from '../wire';
import { abandonChannel, newChannel } from './channel';
import type { RTCDataChannel } from './channel';
import { wireConfiguration } from './configuration';
import type { FullConfiguration } from './configuration';
import { RTCIceCandidate, RTCSessionDescription } from './description';
import {
  RTCDataChannelEvent,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCTrackEvent,
} from './events';
import { Operations } from './operations';
import type { Peer } from './peer';
import { TransceiverCore } from './transceiver';
import { Transports } from './transports';

/** The states that have an event each, in the order in which the events fire. */
const STATES = {
  signalingState: 'signalingstatechange',
  iceGatheringState: 'icegatheringstatechange',
  iceConnectionState: 'iceconnectionstatechange',
  connectionState: 'connectionstatechange',
} as const;
type States = Pick<PcState, keyof typeof STATES>;

/** The descriptions as the page sees them. */
type ShownDescriptions = { [name in keyof Descriptions]: RTCSessionDescription | null };

/** A stream of the remote side, for as long as a receiver's track is in it. */
interface RemoteStream {
  readonly stream: MediaStream;
  readonly receivers: Set<TransceiverCore>;
}

export class PeerCore implements Peer {
  readonly id = host().newId();
  readonly transports = new Transports();
  readonly transceivers: TransceiverCore[] = [];
  readonly #target: EventTarget;
  readonly #channels = new Set<RTCDataChannel>();
  readonly #streams = new Map<string, RemoteStream>();
  readonly #operations = new Operations(() => this.#operationsDone());
  /** The host finds that negotiation is needed, and the page was not told yet. */
  #negotiationNeeded = false;
  configuration: FullConfiguration;
  closed = false;
  states: States = {
    signalingState: 'stable',
    iceGatheringState: 'new',
    iceConnectionState: 'new',
    connectionState: 'new',
  };
  descriptions: ShownDescriptions = {
    currentLocal: null,
    pendingLocal: null,
    currentRemote: null,
    pendingRemote: null,
  };

  constructor(target: EventTarget, configuration: FullConfiguration) {
    this.#target = target;
    this.configuration = configuration;
    host().connections.set(this.id, {
      event: (event) => this.#event(event),
      lost: () => this.#lost(),
    });
    host().post({
      op: 'pcCreate',
      pc: this.id,
      configuration: wireConfiguration(configuration),
    });
  }

  /** Throws if the page closed the connection. */
  assertOpen(): void {
    if (this.closed) throw invalidState('The RTCPeerConnection is closed');
  }

  chain<T>(operation: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(invalidState('The RTCPeerConnection is closed'));
    return this.#operations.add(operation);
  }

  receivedTrack(mid: string): string | undefined {
    return this.transceivers.find((core) => core.mid === mid)?.receiver.track.id;
  }

  /** Makes a transceiver for the page. */
  addTransceiver(
    kind: Kind,
    direction: Direction,
    encodings: Encoding[],
    init: Pick<TransceiverInit, 'track' | 'trackId' | 'streams' | 'byAddTrack'>,
  ): TransceiverCore {
    const core = new TransceiverCore(this, host().newId(), kind, direction, encodings);
    this.transceivers.push(core);
    host().post({
      op: 'pcAddTransceiver',
      pc: this.id,
      transceiver: core.id,
      kind,
      init: { direction, sendEncodings: encodings, ...init },
    });
    return core;
  }

  /** Makes a data channel for the page. */
  createChannel(label: string, init: DataChannelInit): RTCDataChannel {
    const id = host().newId();
    const channel = this.#newChannel(id, label, init);
    host().post({ op: 'pcCreateDataChannel', pc: this.id, channel: id, label, init });
    return channel;
  }

  /** Applies what setting a description led to: states, then tracks (W3C, section 4.4.1.5). */
  descriptionSet({ state, added, removed }: DescriptionSet): void {
    if (this.closed) return;
    const trackIds = new Map(added.map(({ transceiver, trackId }) => [transceiver, trackId]));
    // Looked up first: with its track a transceiver may go.
    const lost = removed.map(({ transceiver, streams }) => ({
      core: this.transceivers.find(({ id }) => id === transceiver),
      streams,
    }));
    this.#followTransceivers(state, trackIds);
    const came = added.flatMap(({ transceiver, streams }) => {
      const core = this.transceivers.find(({ id }) => id === transceiver);
      return core ? [{ core, streams: streams.map((id) => this.#stream(id, core)) }] : [];
    });
    const settled = state.signalingState === 'stable' && this.states.signalingState !== 'stable';
    // The host looks again when negotiation is over, and tells what is still needed.
    if (settled) this.#negotiationNeeded = false;
    this.#follow(state);
    for (const { core, streams } of lost) {
      core?.receiverCore.track.setMuted(true);
      for (const id of streams) {
        const found = this.#streams.get(id);
        if (!found || !core) continue;
        const stays = came.some(
          (entry) => entry.core === core && entry.streams.includes(found.stream),
        );
        if (!stays) this.#leave(core, id, found);
        removeRemoteTrack(found.stream, core.receiver.track);
      }
    }
    for (const { core, streams } of came) {
      for (const stream of streams) addRemoteTrack(stream, core.receiver.track);
    }
    for (const { core, streams } of came) {
      const { receiver, transceiver } = core;
      this.#fire(
        new RTCTrackEvent('track', { receiver, track: receiver.track, streams, transceiver }),
      );
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#operations.close();
    host().connections.delete(this.id);
    host().post({ op: 'pcClose', pc: this.id });
    this.states = {
      ...this.states,
      signalingState: 'closed',
      iceConnectionState: 'closed',
      connectionState: 'closed',
    };
    for (const core of this.transceivers) {
      core.currentDirection = 'stopped';
      core.halt();
    }
    // As in Chromium, not in the midst of what the page does: W3C has no event inside of close().
    queueTask(() => {
      for (const core of this.transceivers) core.receiverCore.track.end();
    });
    for (const channel of this.#channels) abandonChannel(channel);
    this.transports.close();
  }

  #newChannel(id: number, label: string, init: DataChannelInit): RTCDataChannel {
    // 0: no limit known yet.
    const limit = (): number => this.transports.sctp?.maxMessageSize ?? 0;
    const channel = newChannel(id, label, init, limit);
    this.#channels.add(channel);
    channel.addEventListener('close', () => this.#channels.delete(channel));
    return channel;
  }

  /** The stream of this id, to which `core`'s track will belong. */
  #stream(id: string, core: TransceiverCore): MediaStream {
    let found = this.#streams.get(id);
    if (!found) {
      found = { stream: remoteStream(id), receivers: new Set() };
      this.#streams.set(id, found);
    }
    found.receivers.add(core);
    return found.stream;
  }

  /** A track leaves a stream. As in Chromium, one that lost its last does not come back. */
  #leave(core: TransceiverCore, id: string, { receivers }: RemoteStream): void {
    receivers.delete(core);
    if (receivers.size === 0) this.#streams.delete(id);
  }

  /** W3C webrtc-pc, section 4.7.3: not while operations are under way, and only when stable. */
  #operationsDone(): void {
    if (this.#negotiationNeeded) queueTask(() => this.#tellNegotiationNeeded());
  }

  #tellNegotiationNeeded(): void {
    if (!this.#negotiationNeeded || this.#operations.busy) return;
    this.#negotiationNeeded = false;
    // In other states the host looks again when they are over.
    if (this.states.signalingState === 'stable') this.#fire(new Event('negotiationneeded'));
  }

  #fire(event: Event): void {
    if (!this.closed) this.#target.dispatchEvent(event);
  }

  #event(event: ConnectionEvent): void {
    switch (event.event) {
      case 'pcState':
        this.#followTransceivers(event.state, new Map());
        this.#follow(event.state);
        break;
      case 'pcIceCandidate': {
        const candidate = event.candidate ? new RTCIceCandidate(event.candidate) : null;
        this.#fire(new RTCPeerConnectionIceEvent('icecandidate', { candidate }));
        break;
      }
      case 'pcIceCandidateError': {
        const { url, errorCode, errorText } = event;
        const init = { url, errorCode, errorText };
        this.#fire(new RTCPeerConnectionIceErrorEvent('icecandidateerror', init));
        break;
      }
      case 'pcNegotiationNeeded':
        this.#negotiationNeeded = true;
        if (!this.#operations.busy) this.#operationsDone();
        break;
      case 'pcDataChannel': {
        const channel = this.#newChannel(event.channel, event.label, event.init);
        this.#fire(new RTCDataChannelEvent('datachannel', { channel }));
        break;
      }
    }
  }

  #followTransceivers(state: PcState, trackIds: Map<number, string>): void {
    for (const snapshot of state.transceivers) {
      let core = this.transceivers.find(({ id }) => id === snapshot.id);
      if (!core) {
        const { id, kind, direction } = snapshot;
        core = new TransceiverCore(this, id, kind, direction, [{ active: true }], trackIds.get(id));
        this.transceivers.push(core);
      }
      core.follow(snapshot);
    }
    // Gone: rolled back, or stopped and negotiated.
    const named = new Set(state.transceivers.map(({ id }) => id));
    for (let i = this.transceivers.length - 1; i >= 0; i -= 1) {
      const core = this.transceivers[i];
      if (!core?.known || named.has(core.id)) continue;
      core.currentDirection = 'stopped';
      core.finish();
      this.transceivers.splice(i, 1);
    }
  }

  #follow(state: PcState): void {
    const before = this.states;
    const { signalingState, iceGatheringState, iceConnectionState, connectionState } = state;
    this.states = { signalingState, iceGatheringState, iceConnectionState, connectionState };
    if (state.descriptions) this.#followDescriptions(state.descriptions);
    this.transports.apply(state);
    for (const [name, type] of Object.entries(STATES)) {
      const key = name as keyof States;
      if (before[key] !== state[key]) this.#fire(new Event(type));
    }
  }

  #followDescriptions(descriptions: Descriptions): void {
    const shown = (name: keyof Descriptions): RTCSessionDescription | null => {
      const wire = descriptions[name];
      const before = this.descriptions[name];
      if (!wire) return null;
      if (before?.type === wire.type && before.sdp === wire.sdp) return before;
      return new RTCSessionDescription(wire);
    };
    this.descriptions = {
      currentLocal: shown('currentLocal'),
      pendingLocal: shown('pendingLocal'),
      currentRemote: shown('currentRemote'),
      pendingRemote: shown('pendingRemote'),
    };
  }

  /** The host is gone, and with it the transports. */
  #lost(): void {
    host().connections.delete(this.id);
    const before = this.states;
    this.states = { ...before, iceConnectionState: 'failed', connectionState: 'failed' };
    for (const key of ['iceConnectionState', 'connectionState'] as const) {
      if (before[key] !== 'failed') this.#fire(new Event(STATES[key]));
    }
  }
}
