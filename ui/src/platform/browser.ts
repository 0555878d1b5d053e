import { brand } from '../brand';
import { CallError } from '../call/model';
import { redact } from '../errors/redact';
import { grantFrom } from './addressed';
import type { Platform } from './platform';

const nobodyThere = (): Promise<never> =>
  Promise.reject(new CallError('internal', 'there is no backend in a plain browser'));

/**
 * A plain browser, for tests and comparisons: room, name and what is needed to join (`grantFrom`) come as
 * parameters of the page's address.
 */
export function browser(search: string): Platform {
  const parameters = new URLSearchParams(search);
  const grant = grantFrom(parameters);
  const get = (name: string): string => parameters.get(name) ?? '';
  const screen = get('screen');
  return {
    appInfo: () =>
      Promise.resolve({
        version: 'browser',
        devMode: true,
        startAt:
          get('room') === ''
            ? null
            : {
                room: get('room'),
                screen: screen === 'lobby' || screen === 'room' ? screen : 'home',
              },
        lost: null,
        paintPath: 'system',
      }),
    resolveMeeting: (input) =>
      Promise.resolve({
        id: input,
        provider: grant.provider,
        room: input,
        title: input,
        serverUrl: get('server'),
        source: 'dev',
        session: null,
      }),
    fetchToken: (meeting, displayName) =>
      Promise.resolve(
        grant.provider === 'stream'
          ? { ...grant, name: displayName }
          : { ...grant, identity: displayName, room: meeting.room },
      ),
    checkMeeting: () => Promise.resolve(),
    diagnoseToken: () =>
      Promise.reject(new CallError('internal', 'tokens are examined in the app only')),
    // Nothing is kept here.
    historyBegin: () => Promise.resolve(0),
    historyUpdate: () => Promise.resolve(),
    historyFinish: () => Promise.resolve(),
    historyList: () => Promise.resolve({ entries: [], next: null, notice: null }),
    historyDelete: () => Promise.resolve(),
    historyClear: () => Promise.resolve(),
    saveDownload: (name, content) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(content);
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
      return Promise.resolve(name);
    },
    historyExport: () =>
      Promise.reject(
        new CallError('history-export-failed', 'the app keeps it, a browser does not'),
      ),
    settings: () =>
      Promise.resolve({
        settings: [
          {
            key: 'name',
            value: get('name'),
            layer: 'link',
            source: 'the address of the page',
            locked: false,
            editable: false,
            applies: 'now',
            afterRestart: false,
            ignored: [],
          },
        ],
        problems: [],
        userFile: '',
      }),
    setSetting: () =>
      Promise.reject(new CallError('internal', 'settings are kept in the app only')),
    unsetSetting: () =>
      Promise.reject(new CallError('internal', 'settings are kept in the app only')),
    diagnostics: () => Promise.resolve(`${brand.name} in a browser\n${navigator.userAgent}\n`),
    openAddress: (address) => {
      open(address, '_blank', 'noopener,noreferrer');
      return Promise.resolve();
    },
    accountState: () =>
      Promise.resolve({
        backend: null,
        user: null,
        ways: { paste: false, link: false, browser: false },
        kept: 'memory',
        waiting: false,
        fault: null,
      }),
    signInPaste: nobodyThere,
    signInBrowser: nobodyThere,
    signInLink: nobodyThere,
    signInCancel: () => Promise.resolve(),
    signOut: () => Promise.resolve(),
    eraseTraces: () => Promise.resolve(),
    sessionsState: () =>
      Promise.resolve({
        sessions: null,
        ringing: [],
        missed: [],
        ringtone: false,
        answeredElsewhere: [],
        fault: null,
      }),
    sessionJoin: nobodyThere,
    sessionDismiss: nobodyThere,
    sessionEnd: nobodyThere,
    sessionCancel: nobodyThere,
    callConnecting: () => Promise.resolve(),
    callEntered: () => Promise.resolve(),
    callLeft: () => Promise.resolve(),
    messageWritten: () => Promise.resolve(),
    closeAnswered: () => Promise.resolve(),
    listen: () => Promise.resolve(() => undefined),
    log: (level, message) => console[level](redact(message)),
  };
}
