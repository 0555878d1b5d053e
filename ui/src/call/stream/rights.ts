import type { CallAction, Hindrance, Rights, Switchable } from '../model';
import type { PublishPermission } from './sdk';

/** What each action takes, as the server names it; what it has no name for everybody may. */
const CAPABILITIES = {
  microphone: ['send-audio'],
  camera: ['send-video'],
  screen: ['screenshare'],
  react: ['create-reaction'],
  'mute-others': ['mute-users'],
  'remove-others': ['kick-user'],
  'permit-others': ['update-call-permissions'],
  'end-for-all': ['end-call'],
  record: ['start-record-call', 'stop-record-call'],
  caption: ['start-closed-captions-call', 'stop-closed-captions-call'],
} as const satisfies Partial<Record<CallAction, readonly string[]>>;

const SWITCHABLE = ['microphone', 'camera', 'screen'] as const;

/** `captures`: the webview can share a screen. */
export function rightsOf(capabilities: readonly string[], captures: boolean): Rights {
  // What one says, all hear.
  const rights: Partial<Record<CallAction, Hindrance>> = {
    'write-privately': 'provider',
    'send-files': 'provider',
  };
  for (const [action, needed] of Object.entries(CAPABILITIES))
    if (!needed.every((each) => capabilities.includes(each)))
      rights[action as CallAction] = 'grant';
  if (!captures) rights.screen = 'webview';
  return rights;
}

/** What to ask for where something may not be published. */
export function permissionFor(source: Switchable): PublishPermission {
  return CAPABILITIES[source][0];
}

/** What may be published with a permission; undefined: it is for something else. */
export function sourceFor(permission: string): Switchable | undefined {
  return SWITCHABLE.find((source) => permissionFor(source) === permission);
}
