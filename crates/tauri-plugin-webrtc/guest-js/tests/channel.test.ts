import { beforeEach, describe, expect, it } from 'vitest';
import { encodeData } from '../src/binary';
import type { RTCDataChannel } from '../src/peer/channel';
import { RTCPeerConnection } from '../src/peer/connection';
import type { RTCDataChannelEvent } from '../src/peer/events';
import { FIRST_HOST_ID, FakeHost, settle, stateOf } from './fake-host';

let fake: FakeHost;
let pc: RTCPeerConnection;
beforeEach(() => {
  fake = new FakeHost();
  pc = new RTCPeerConnection();
});

async function opened(): Promise<RTCDataChannel> {
  const channel = pc.createDataChannel('chat', { ordered: false, maxRetransmits: 0 });
  await fake.emit({ event: 'dataChannelState', channel: 2, state: 'open', streamId: 4 });
  return channel;
}

const text = (message: Uint8Array | undefined): string =>
  new TextDecoder().decode(message?.slice(6));

describe('a data channel', () => {
  it('opens with the id that the host found', async () => {
    const channel = pc.createDataChannel('chat');
    expect(channel.readyState).toBe('connecting');
    expect(channel.id).toBeNull();
    expect(() => channel.send('early')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }) as Error,
    );
    let events = 0;
    channel.onopen = () => (events += 1);
    await fake.emit({ event: 'dataChannelState', channel: 2, state: 'open', streamId: 4 });
    expect([channel.readyState, channel.id, events]).toEqual(['open', 4, 1]);
  });

  it('counts what it was given until the host has sent it', async () => {
    const channel = await opened();
    channel.bufferedAmountLowThreshold = 3;
    const low: number[] = [];
    channel.onbufferedamountlow = () => low.push(channel.bufferedAmount);
    channel.send('grün');
    channel.send(new Uint8Array([1, 2, 3]).buffer);
    expect(channel.bufferedAmount).toBe(8);
    await fake.emit({ event: 'dataChannelSent', channel: 2, sent: 4 });
    expect(channel.bufferedAmount).toBe(4);
    expect(low).toEqual([]);
    await fake.emit({ event: 'dataChannelSent', channel: 2, sent: 5 });
    await fake.emit({ event: 'dataChannelSent', channel: 2, sent: 8 });
    expect(low).toEqual([3]);
    expect(channel.bufferedAmount).toBe(0);
  });

  it('throws where too much waits already, and takes nothing of it', async () => {
    const channel = await opened();
    const message = new Uint8Array(256 * 1024);
    const fits = (16 * 1024 * 1024) / message.length;
    for (let sent = 0; sent < fits; sent += 1) channel.send(message);
    expect(channel.bufferedAmount).toBe(16 * 1024 * 1024);
    const full = expect.objectContaining({ name: 'OperationError' }) as Error;
    expect(() => channel.send('x')).toThrow(full);
    expect(() => channel.send(new Blob(['x']))).toThrow(full);
    await settle();
    expect(channel.bufferedAmount).toBe(16 * 1024 * 1024);
    expect(fake.binary.length).toBe(fits);
    await fake.emit({ event: 'dataChannelSent', channel: 2, sent: message.length });
    channel.send('x');
    await settle();
    expect(fake.binary.length).toBe(fits + 1);
  });

  it('says so and closes when the host could not send what it was given', async () => {
    const channel = await opened();
    const heard: string[] = [];
    channel.onerror = ({ error }) => heard.push(error.message);
    channel.onclose = () => heard.push('close');
    channel.send('lost');
    await fake.emit({ event: 'dataChannelFailed', channel: 2, reason: 'too much waits' });
    expect(heard).toEqual(['too much waits', 'close']);
    expect(channel.readyState).toBe('closed');
  });

  it('tells the host what the page has handled, so that more is read', async () => {
    const channel = await opened();
    let heard = 0;
    channel.onmessage = () => (heard += 1);
    const message = new Uint8Array(encodeData(2, new Uint8Array(100_000), true));
    for (let count = 0; count < 5; count += 1) fake.deliverBinary(message);
    await settle();
    expect(heard).toBe(5);
    const taken = fake.all('dataTaken').map(({ bytes }) => bytes);
    expect(taken).toEqual([3 * message.length]);
  });

  it('keeps messages in order behind a Blob', async () => {
    const channel = await opened();
    const bytes = new TextEncoder().encode('second');
    channel.send(new Blob(['first']));
    channel.send(bytes);
    bytes.fill(0);
    channel.send('third');
    await settle();
    expect(fake.binary.map(text)).toEqual(['first', 'second', 'third']);
    expect(fake.binary.map((message) => message[5])).toEqual([1, 1, 0]);
  });

  it('refuses messages above the limit of the association', async () => {
    const channel = await opened();
    const sctp = { state: 'connected', maxMessageSize: 4, maxChannels: null };
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ sctp }) });
    expect(pc.sctp?.maxMessageSize).toBe(4);
    expect(() => channel.send('12345')).toThrow(TypeError);
    expect(channel.bufferedAmount).toBe(0);
  });

  it('brings messages in the form that was asked for', async () => {
    const channel = await opened();
    const seen: unknown[] = [];
    channel.onmessage = ({ data }) => seen.push(data);
    fake.deliverBinary(new Uint8Array(encodeData(2, new TextEncoder().encode('grün'), false)));
    fake.deliverBinary(new Uint8Array(encodeData(2, new Uint8Array([7]), true)));
    channel.binaryType = 'blob';
    fake.deliverBinary(new Uint8Array(encodeData(2, new Uint8Array([7]), true)));
    expect(seen[0]).toBe('grün');
    expect(new Uint8Array(seen[1] as ArrayBuffer)).toEqual(new Uint8Array([7]));
    expect(seen[2]).toBeInstanceOf(Blob);
  });

  it('comes from the other side', async () => {
    let channel: RTCDataChannel | undefined;
    const seen: unknown[] = [];
    pc.ondatachannel = (event: RTCDataChannelEvent) => {
      ({ channel } = event);
      channel.onmessage = ({ data }) => seen.push(data);
    };
    const init = { ordered: true, protocol: 'p', negotiated: false, id: 1 };
    const id = FIRST_HOST_ID + 9;
    await fake.emit({ event: 'pcDataChannel', pc: 1, channel: id, label: 'theirs', init });
    fake.deliverBinary(new Uint8Array(encodeData(id, new TextEncoder().encode('hello'), false)));
    expect([channel?.label, channel?.id, channel?.protocol]).toEqual(['theirs', 1, 'p']);
    expect(seen).toEqual(['hello']);
  });

  it('closes with its connection without an event, with the link with an error', async () => {
    const silent = await opened();
    const events: string[] = [];
    silent.onclose = () => events.push('close');
    pc.close();
    expect(silent.readyState).toBe('closed');
    expect(events).toEqual([]);

    pc = new RTCPeerConnection();
    const lost = pc.createDataChannel('x');
    for (const type of ['error', 'close']) lost.addEventListener(type, () => events.push(type));
    await fake.drop();
    expect(events).toEqual(['error', 'close']);
  });

  it.each([
    [{ maxRetransmits: 1, maxPacketLifeTime: 1 }],
    [{ negotiated: true }],
    [{ negotiated: true, id: 65535 }],
    [{ maxRetransmits: 70000 }],
    [{ protocol: 'x'.repeat(65536) }],
  ])('refuses an init that makes no sense: %j', (init) => {
    expect(() => pc.createDataChannel('x', init)).toThrow(TypeError);
  });
});
