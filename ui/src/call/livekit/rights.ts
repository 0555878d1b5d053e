/** What a participant may do on LiveKit. */
import type { Participant } from 'livekit-client';

import type { CallAction, Hindrance, Rights, TrackSource } from '../model';

/** Sources as the server numbers them; it names none where all are allowed. */
const NUMBERS: Readonly<Record<TrackSource, number>> = {
  camera: 1,
  microphone: 2,
  screen: 3,
  'screen-audio': 4,
};

export type Permissions = Participant['permissions'];

/** Whether the others may be shown it; what the server says nothing of is tried. */
export function allows(permissions: Permissions, source: TrackSource): boolean {
  if (permissions === undefined) return true;
  const sources: readonly number[] = permissions.canPublishSources;
  return permissions.canPublish && (sources.length === 0 || sources.includes(NUMBERS[source]));
}

/** What participants can do to others and for the room only a backend can here, by the server's API. */
const NOBODY: readonly CallAction[] = [
  'mute-others',
  'remove-others',
  'permit-others',
  'end-for-all',
  'record',
  'caption',
];

/** `captures`: the webview can share a screen. */
export function rightsOf(permissions: Permissions, captures: boolean): Rights {
  const rights: Partial<Record<CallAction, Hindrance>> = {};
  for (const action of NOBODY) rights[action] = 'provider';
  for (const source of ['microphone', 'camera', 'screen'] as const)
    if (!allows(permissions, source)) rights[source] = 'grant';
  if (permissions?.canPublishData === false) {
    rights.chat = rights.react = rights['write-privately'] = rights['send-files'] = 'grant';
  }
  // A raised hand is an attribute of the participant.
  if (permissions?.canUpdateMetadata === false) rights['raise-hand'] = 'grant';
  if (!captures) rights.screen = 'webview';
  return rights;
}
