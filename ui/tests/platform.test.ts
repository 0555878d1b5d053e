// @vitest-environment jsdom
import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { browser } from '../src/platform/browser';
import { tauri } from '../src/platform/tauri';
import { meeting } from './support/standIns';

let invoked: [command: string, given: unknown][];
/** What came before the page listened, by the command that asks for it. */
let waiting: Record<string, unknown[]>;

beforeEach(() => {
  invoked = [];
  waiting = { pending_links: [], pending_problems: [] };
  mockIPC(
    (command, given) => {
      invoked.push([command, given]);
      return waiting[command];
    },
    { shouldMockEvents: true },
  );
});
afterEach(clearMocks);

describe('the installed app', () => {
  it.each<[string, () => Promise<unknown>, object]>([
    ['account_state', () => tauri.accountState(), {}],
    ['sign_in_paste', () => tauri.signInPaste('abc'), { text: 'abc' }],
    ['sign_in_browser', () => tauri.signInBrowser(), {}],
    ['sign_in_cancel', () => tauri.signInCancel(), {}],
    ['sign_out', () => tauri.signOut(), {}],
    ['erase_traces', () => tauri.eraseTraces(), {}],
    ['sessions_state', () => tauri.sessionsState(), {}],
    ['session_join', () => tauri.sessionJoin('s1'), { id: 's1' }],
    ['session_dismiss', () => tauri.sessionDismiss('s1'), { id: 's1' }],
    ['session_end', () => tauri.sessionEnd('s1'), { id: 's1' }],
    ['session_cancel', () => tauri.sessionCancel('s1'), { id: 's1' }],
    ['call_connecting', () => tauri.callConnecting(true), { connecting: true }],
    ['call_entered', () => tauri.callEntered(meeting), { id: meeting.id }],
    ['close_answered', () => tauri.closeAnswered(true), { close: true }],
    ['message_written', () => tauri.messageWritten('Bo', 'hi'), { from: 'Bo', words: 'hi' }],
    ['call_left', () => tauri.callLeft('s1', true), { session: 's1', alone: true }],
  ])('is asked for %s', async (command, ask, given) => {
    await ask();
    expect(invoked).toEqual([[command, given]]);
  });

  it('is given what is to be saved as bytes', async () => {
    await tauri.saveDownload('Pläne & mehr.txt', new Blob(['tea']));
    const [[command, given] = []] = invoked;
    expect(command).toBe('save_download');
    expect(new TextDecoder().decode(given as Uint8Array)).toBe('tea');
  });

  it('is listened to until that is ended', async () => {
    const heard: string[] = [];
    waiting = { pending_links: ['salon://join?room=early'] };
    const end = await tauri.listen('open-input', (input) => heard.push(input));
    await emit('open-input', 'salon://join?room=tea');
    await emit('problem', { code: 'internal', detail: '' });
    expect(heard).toEqual(['salon://join?room=early', 'salon://join?room=tea']);
    end();
    await emit('open-input', 'salon://join?room=late');
    expect(heard).toHaveLength(2);
  });

  it('tells what failed before anybody listened, and what fails then', async () => {
    const heard: string[] = [];
    waiting = { pending_problems: [{ code: 'sign-in-not-asked', detail: '' }] };
    const end = await tauri.listen('problem', ({ code }) => heard.push(code));
    await emit('problem', { code: 'internal', detail: '' });
    expect(heard).toEqual(['sign-in-not-asked', 'internal']);
    end();
  });
});

describe('a plain browser', () => {
  const plain = browser('?room=tea');

  it('joins the call of either provider that its address names', async () => {
    const liveKit = browser('?room=tea&server=ws://127.0.0.1:7880&token=t&name=Ann');
    const meeting = await liveKit.resolveMeeting('tea');
    expect(meeting).toMatchObject({ provider: 'livekit', room: 'tea' });
    expect(await liveKit.fetchToken(meeting, 'Ann')).toEqual({
      provider: 'livekit',
      token: 't',
      serverUrl: 'ws://127.0.0.1:7880',
      identity: 'Ann',
      room: 'tea',
    });
    const address = 'provider=stream&key=k&base=http://127.0.0.1:1/video&user=ann&call=default:tea';
    const stream = browser(`?room=tea&${address}&token=t&name=Somebody`);
    const called = await stream.resolveMeeting('tea');
    expect(called).toMatchObject({ provider: 'stream', room: 'tea' });
    expect(await stream.fetchToken(called, 'Ann')).toMatchObject({
      provider: 'stream',
      identity: 'ann',
      name: 'Ann',
      callType: 'default',
      callId: 'tea',
    });
  });

  it('has nobody signed in, and no meeting sessions', async () => {
    expect(await plain.accountState()).toMatchObject({ backend: null, user: null });
    expect(await plain.sessionsState()).toEqual({
      sessions: null,
      ringing: [],
      missed: [],
      ringtone: false,
      answeredElsewhere: [],
      fault: null,
    });
    await expect(plain.signInPaste('abc')).rejects.toMatchObject({ code: 'internal' });
    await expect(plain.sessionJoin('s1')).rejects.toMatchObject({ code: 'internal' });
    await expect(plain.callLeft(null, true)).resolves.toBeUndefined();
  });
});
