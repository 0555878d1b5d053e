/** All that can go wrong, as the user is told: the one place where codes become words. */

interface ErrorText {
  readonly severity: 'info' | 'warning' | 'error';
  /** One sentence in plain words. */
  readonly sentence: string;
  /** What to do next; empty if nothing. */
  readonly next: string;
}

const table = {
  'token-not-jwt': {
    severity: 'error',
    sentence: 'The meeting token is not a token at all.',
    next: 'Ask whoever runs the meetings to check what their backend hands out.',
  },
  'token-expired': {
    severity: 'error',
    sentence: 'The meeting token has expired.',
    next: 'Try again; if that does not help, sign in again.',
  },
  'token-not-yet-valid': {
    severity: 'error',
    sentence: 'The meeting token is not valid yet.',
    next: 'Check the clock of this computer, then try again.',
  },
  'token-grants-missing': {
    severity: 'error',
    sentence: 'The meeting token carries no permission for video calls.',
    next: 'Ask whoever runs the meetings to add the video grants to the token.',
  },
  'token-grants-empty': {
    severity: 'error',
    sentence: 'The meeting token does not allow joining a room.',
    next: 'Ask whoever runs the meetings to add the grant "roomJoin" to the token.',
  },
  'token-room-missing': {
    severity: 'error',
    sentence: 'The meeting token does not say which room it is for.',
    next: 'Ask whoever runs the meetings to name the room in the token.',
  },
  'token-other-room': {
    severity: 'error',
    sentence: 'The meeting token is for another room.',
    next: 'Open the meeting again from its link.',
  },
  'token-identity-missing': {
    severity: 'error',
    sentence: 'The meeting token does not say who you are.',
    next: 'Ask whoever runs the meetings to put an identity into the token.',
  },
  'token-identity-mismatch': {
    severity: 'error',
    sentence: 'The meeting token is for another user.',
    next: 'Sign out and in again.',
  },
  'token-other-kind': {
    severity: 'error',
    sentence: 'The token is for another meeting service.',
    next: 'Ask whoever runs the meetings which service they use.',
  },
  'token-wrong-algorithm': {
    severity: 'error',
    sentence: 'The meeting token is signed in a way that the server does not accept.',
    next: 'Ask whoever runs the meetings to sign tokens with HS256.',
  },
  'token-issuer-missing': {
    severity: 'error',
    sentence: 'The meeting token does not name the key it was made with.',
    next: 'Ask whoever runs the meetings to put the API key into the token.',
  },
  'token-key-unknown': {
    severity: 'error',
    sentence: 'The meeting server does not know the key that the token was made with.',
    next: 'Check that backend and server use the same API key.',
  },
  'token-signature-wrong': {
    severity: 'error',
    sentence: 'The meeting token was signed with the wrong secret.',
    next: 'Check that backend and server use the same API secret.',
  },
  'token-publish-missing': {
    severity: 'warning',
    sentence: 'You may watch and listen, but not speak or show yourself.',
    next: 'Ask the host if you should be able to.',
  },
  'token-endless': {
    severity: 'warning',
    sentence: 'The meeting token never ends: whoever has it can always join.',
    next: 'Ask whoever runs the meetings to give tokens an end.',
  },
  'publish-failed': {
    severity: 'error',
    sentence: 'Your microphone or camera did not reach the others.',
    next: 'Switch it off and on again, or leave and join again.',
  },
  'backend-unreachable-dns': {
    severity: 'error',
    sentence: 'The sign-in server could not be found.',
    next: 'Check the internet connection and the address.',
  },
  'backend-unreachable-refused': {
    severity: 'error',
    sentence: 'The sign-in server did not answer.',
    next: 'Try again in a moment.',
  },
  'backend-unreachable-tls': {
    severity: 'error',
    sentence: 'The sign-in server could not prove that it is the right one.',
    next: 'Check the clock of this computer, or ask your IT department about the proxy.',
  },
  'backend-timeout': {
    severity: 'error',
    sentence: 'The sign-in server took too long to answer.',
    next: 'Try again in a moment.',
  },
  'backend-error': {
    severity: 'error',
    sentence: 'The sign-in server reported a fault.',
    next: 'Try again in a moment, or tell whoever runs it.',
  },
  'backend-answer-not-json': {
    severity: 'error',
    sentence: 'The sign-in server gave an answer that makes no sense.',
    next: 'Check the address of the backend.',
  },
  'backend-answer-no-token': {
    severity: 'error',
    sentence: 'The sign-in server answered without a meeting token.',
    next: 'Tell whoever runs the meetings.',
  },
  'backend-answer-too-large': {
    severity: 'error',
    sentence: 'The sign-in server gave an answer that is far too long.',
    next: 'Check the address of the backend.',
  },
  'backend-not-signed-in': {
    severity: 'error',
    sentence: 'You are not signed in, or your sign-in has expired.',
    next: 'Sign in again.',
  },
  'backend-rate-limited': {
    severity: 'error',
    sentence: 'There were too many tries in a short time.',
    next: 'Wait a minute, then try again.',
  },
  'backend-insecure': {
    severity: 'error',
    sentence: 'The address of the sign-in server is not encrypted.',
    next: 'Use an address that begins with https.',
  },
  'server-unreachable-dns': {
    severity: 'error',
    sentence: 'The meeting server could not be found.',
    next: 'Check the internet connection and the address.',
  },
  'server-unreachable-refused': {
    severity: 'error',
    sentence: 'The meeting server did not answer.',
    next: 'Try again in a moment.',
  },
  'server-unreachable-tls': {
    severity: 'error',
    sentence: 'The meeting server could not prove that it is the right one.',
    next: 'Check the clock of this computer, or ask your IT department about the proxy.',
  },
  'server-timeout': {
    severity: 'error',
    sentence: 'The meeting server took too long to answer.',
    next: 'Try again in a moment.',
  },
  'server-refused': {
    severity: 'error',
    sentence: 'The meeting server did not let you in.',
    next: 'Tell whoever runs the meetings what is written below.',
  },
  'clock-skew': {
    severity: 'warning',
    sentence: 'The clock of this computer is wrong by more than a minute.',
    next: 'Set the clock, then try again.',
  },
  'link-invalid': {
    severity: 'error',
    sentence: 'This is not a meeting link.',
    next: 'Check that the link was copied whole.',
  },
  'link-server-not-allowed': {
    severity: 'error',
    sentence: 'The link leads to a server that this app does not use.',
    next: 'Ask who sent the link, or start the app for that server.',
  },
  'room-name-invalid': {
    severity: 'error',
    sentence: 'This room name cannot be used.',
    next: 'Use letters, digits, spaces, "-", "_" and ".", up to 64 of them.',
  },
  'dev-mode-off': {
    severity: 'error',
    sentence: 'Tokens are only made here in dev mode.',
    next: 'Start the app with --dev, or set up a backend.',
  },
  'dev-secret-missing': {
    severity: 'error',
    sentence: 'There is no key and secret to make a token with.',
    next: 'Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET.',
  },
  'media-blocked': {
    severity: 'error',
    sentence: 'The meeting server answers, but sound and pictures are blocked on the way.',
    next: 'Ask your IT department to allow WebRTC, or try another network.',
  },
  'connection-lost': {
    severity: 'error',
    sentence: 'The connection was lost and did not come back.',
    next: 'Check the internet connection and join again.',
  },
  'room-full': {
    severity: 'error',
    sentence: 'The room is full.',
    next: 'Try again when somebody has left.',
  },
  removed: {
    severity: 'info',
    sentence: 'You were removed from the meeting.',
    next: 'Ask the host if that was a mistake.',
  },
  ended: { severity: 'info', sentence: 'The meeting is over.', next: '' },
  'duplicate-identity': {
    severity: 'info',
    sentence: 'You joined from another place, so the call ended here.',
    next: '',
  },
  left: { severity: 'info', sentence: 'You left the meeting.', next: '' },
  'no-camera': {
    severity: 'warning',
    sentence: 'No camera was found.',
    next: 'Others will not see you. Plug one in at any time.',
  },
  'no-microphone': {
    severity: 'warning',
    sentence: 'No microphone was found.',
    next: 'Others will not hear you. Plug one in at any time.',
  },
  'camera-busy': {
    severity: 'warning',
    sentence: 'The camera cannot be used.',
    next: 'Close other programs that use it.',
  },
  'microphone-busy': {
    severity: 'warning',
    sentence: 'The microphone cannot be used.',
    next: 'Close other programs that use it.',
  },
  'camera-denied': {
    severity: 'warning',
    sentence: 'The camera was not allowed.',
    next: 'Allow it in the settings of your system.',
  },
  'microphone-denied': {
    severity: 'warning',
    sentence: 'The microphone was not allowed.',
    next: 'Allow it in the settings of your system.',
  },
  'no-webrtc': {
    severity: 'error',
    sentence: 'This system has no support for calls.',
    next: 'Install the full version of the app.',
  },
  internal: {
    severity: 'error',
    sentence: 'Something went wrong inside the app.',
    next: 'Try again; if it stays, report what is written below.',
  },
} as const satisfies Record<string, ErrorText>;

type ErrorCode = keyof typeof table;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(table, code);
}

/** What to say; an unknown code is an inner fault. */
export function errorText(code: string): ErrorText {
  return table[isErrorCode(code) ? code : 'internal'];
}
