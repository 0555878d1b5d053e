import { beforeEach, describe, expect, it } from 'vitest';
import { RTCPeerConnection } from '../src/peer/connection';
import { FakeHost, settle, stateOf, transceiverOf } from './fake-host';

let fake: FakeHost;
beforeEach(() => {
  fake = new FakeHost();
});

const LAYERS = [{ rid: 'q' }, { rid: 'h' }, { rid: 'f', maxBitrate: 1_700_000 }];

describe('sendEncodings', () => {
  it('halve the size from layer to layer unless a scale is given', () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video', { sendEncodings: LAYERS });
    const scales = (): unknown[] =>
      sender.getParameters().encodings.map((entry) => entry.scaleResolutionDownBy);
    expect(scales()).toEqual([4, 2, 1]);
    const given = pc.addTransceiver('video', {
      sendEncodings: [{ rid: 'a', scaleResolutionDownBy: 3 }, { rid: 'b' }],
    });
    expect(
      given.sender.getParameters().encodings.map((entry) => entry.scaleResolutionDownBy),
    ).toEqual([3, 1]);
  });

  it.each([
    [[{ rid: 'a' }, {}]],
    [[{}, {}]],
    [[{ rid: 'a' }, { rid: 'a' }]],
    [[{ rid: 'not ok' }]],
  ])('refuse rids that do not fit: %j', (sendEncodings) => {
    const pc = new RTCPeerConnection();
    expect(() => pc.addTransceiver('video', { sendEncodings })).toThrow(TypeError);
    expect(pc.getTransceivers()).toEqual([]);
  });

  it('refuse a scale below one', () => {
    const pc = new RTCPeerConnection();
    const sendEncodings = [{ scaleResolutionDownBy: 0.5 }];
    expect(() => pc.addTransceiver('video', { sendEncodings })).toThrow(RangeError);
  });
});

describe('setParameters', () => {
  it('takes what getParameters answered, once', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video', { sendEncodings: LAYERS });
    const parameters = sender.getParameters();
    for (const entry of parameters.encodings) if (entry.rid === 'f') entry.active = false;
    parameters.degradationPreference = 'maintain-resolution';
    await sender.setParameters(parameters);
    expect(fake.all('senderSetParameters')[0]).toMatchObject({
      encodings: [{ rid: 'q', active: true }, { rid: 'h' }, { rid: 'f', active: false }],
      degradationPreference: 'maintain-resolution',
    });
    expect(sender.getParameters().encodings[2]?.active).toBe(false);
    await expect(sender.setParameters(parameters)).rejects.toMatchObject({
      name: 'InvalidModificationError',
    });
  });

  it('needs getParameters before', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video');
    await expect(sender.setParameters({ encodings: [{}] })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
  });

  it.each([
    ['another transaction', { transactionId: 'other' }],
    ['fewer encodings', { encodings: [] }],
    ['other rids', { encodings: [{ rid: 'h' }, { rid: 'q' }, { rid: 'f' }] }],
    ['other codecs', { codecs: [{ mimeType: 'video/H264', clockRate: 90000, payloadType: 99 }] }],
    ['other RTCP', { rtcp: { cname: 'other' } }],
  ])('refuses %s', async (_what, change) => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video', { sendEncodings: LAYERS });
    const parameters = { ...sender.getParameters(), ...change };
    await expect(sender.setParameters(parameters)).rejects.toMatchObject({
      name: 'InvalidModificationError',
    });
    expect(fake.all('senderSetParameters')).toEqual([]);
  });

  it('keeps the old encodings when the host refuses', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video');
    fake.on('senderSetParameters', () => ({
      error: { name: 'OperationError', message: 'no encoder' },
    }));
    const parameters = sender.getParameters();
    for (const entry of parameters.encodings) entry.maxBitrate = 1000;
    await expect(sender.setParameters(parameters)).rejects.toMatchObject({
      name: 'OperationError',
    });
    expect(sender.getParameters().encodings[0]?.maxBitrate).toBeUndefined();
  });

  it('may be tried again with the same parameters when it failed', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video');
    fake.on('senderSetParameters', () => ({
      error: { name: 'OperationError', message: 'no encoder' },
    }));
    const parameters = sender.getParameters();
    for (const entry of parameters.encodings) entry.maxBitrate = 1000;
    await expect(sender.setParameters(parameters)).rejects.toThrow('no encoder');
    fake.on('senderSetParameters', () => ({ value: null }));
    await sender.setParameters(parameters);
    expect(sender.getParameters().encodings[0]?.maxBitrate).toBe(1000);
  });
});

describe('getParameters', () => {
  it('answers the same within a task and looks again in the next', async () => {
    const pc = new RTCPeerConnection();
    const { sender } = pc.addTransceiver('video');
    const before = sender.getParameters();
    expect(before.codecs).toEqual([]);
    expect(sender.getParameters()).toEqual(before);
    await settle();
    const codecs = [{ mimeType: 'video/VP8', clockRate: 90000, payloadType: 96 }];
    const transceivers = [transceiverOf({ id: 2, codecs })];
    await fake.emit({ event: 'pcState', pc: 1, state: stateOf({ transceivers }) });
    const after = sender.getParameters();
    expect(after.codecs).toEqual(codecs);
    expect(after.transactionId).not.toBe(before.transactionId);
    await expect(sender.setParameters(before)).rejects.toMatchObject({
      name: 'InvalidModificationError',
    });
    // A page may do other things before it sets what it was answered.
    await settle();
    await sender.setParameters(after);
  });
});
