import { failure } from '../../errors/failure';
import { redact } from '../../errors/redact';
import { CallError } from '../model';

/** What the coordinator's codes mean (Stream's API documentation, "API error codes"). */
const CODES: Readonly<Record<number, string>> = {
  2: 'token-key-unknown',
  16: 'meeting-not-found',
  17: 'server-refused',
  40: 'token-expired',
  41: 'token-not-yet-valid',
  42: 'token-not-yet-valid',
  43: 'token-signature-wrong',
};

/** Nobody is let in with it: for whose it is, or for what else it is. */
const UNAUTHENTICATED = 5;
/** Of both servers, as HTTP has it: not of this user, but of all who ask now. */
const TOO_MANY = 429;

/** Where an error says nothing but this; also what the SDK itself makes up. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/does not have a user_id or is not matching/i, 'token-identity-mismatch'],
  [/signature/i, 'token-signature-wrong'],
  [/timeout|timed out/i, 'server-timeout'],
  [/network error|failed to fetch/i, 'server-unreachable-refused'],
];

/** Axios' codes, and that of a WebSocket that closed before it was open. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNABORTED: 'server-timeout',
  ETIMEDOUT: 'server-timeout',
  ERR_NETWORK: 'server-unreachable-refused',
  '1006': 'server-unreachable-refused',
};

/** Media servers' codes that end a try to join; with others the SDK looks for another server. */
const FULL = 301;
const ELSEWHERE: ReadonlySet<number> = new Set([600, 700]);

/** Causes of causes that are looked at. */
const DEEPEST = 5;

interface Said {
  /** It is a media server's, whose codes are others. */
  readonly byMediaServer?: true;
  readonly code: number | string | undefined;
  /** HTTP's. */
  readonly status: number | undefined;
  readonly message: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value !== 0 ? value : undefined;

function said(value: unknown): Said {
  if (!isObject(value)) return { code: undefined, status: undefined, message: String(value) };
  const { code, status, StatusCode, message, errorEvent } = value;
  const text = typeof message === 'string' ? message : '';
  // Those that the SDK has looked for another media server for, and found none.
  if (isObject(errorEvent) && isObject(errorEvent.error))
    return {
      byMediaServer: true,
      code: numberOf(errorEvent.error.code),
      status: undefined,
      message: text,
    };
  // The SDK puts the whole answer into the message, as JSON.
  const inner = text.startsWith('{') ? parsed(text) : undefined;
  if (inner !== undefined) return inner;
  return {
    code: typeof code === 'string' ? code : numberOf(code),
    status: numberOf(status) ?? numberOf(StatusCode),
    message: text,
  };
}

function parsed(json: string): Said | undefined {
  try {
    const value: unknown = JSON.parse(json);
    // Not again: what is in there is not the SDK's.
    if (!isObject(value)) return undefined;
    const { code, StatusCode, message } = value;
    const number = typeof code === 'string' ? Number(code) : code;
    return {
      code: numberOf(number),
      status: numberOf(StatusCode),
      message: typeof message === 'string' ? message : '',
    };
  } catch {
    return undefined;
  }
}

/** What was thrown, and what it was thrown for. */
function chain(thrown: unknown): unknown[] {
  const all: unknown[] = [];
  for (let each = thrown; each !== undefined && all.length < DEEPEST;) {
    all.push(each);
    each = isObject(each) ? each.cause : undefined;
  }
  return all;
}

function codeOf({ code, status, message }: Said): string | undefined {
  const known = typeof code === 'number' ? CODES[code] : undefined;
  if (known !== undefined) return known;
  if (code !== undefined && NETWORK[code] !== undefined) return NETWORK[code];
  const worded = WORDS.find(([pattern]) => pattern.test(message))?.[1];
  if (worded !== undefined) return worded;
  if (code === UNAUTHENTICATED && /user/.test(message)) return 'token-identity-mismatch';
  if (status === 404) return 'meeting-not-found';
  if (status === undefined && code === undefined) return undefined;
  return refusalOf(status);
}

/** A refusal of this user, or a server in trouble, for which one may try again. */
const refusalOf = (status = 0): string =>
  status >= 500 || status === TOO_MANY ? 'server-error' : 'server-refused';

/** Turns what the SDK threw while connecting or joining into an error of ours. */
export function joinError(thrown: unknown): CallError {
  const all = chain(thrown);
  const own = all.find((each) => each instanceof CallError);
  if (own !== undefined) return own;
  const texts = all.map(said);
  const detail = redact(texts.map(({ message }) => message).find((each) => each !== '') ?? '');
  const full = texts.find(({ byMediaServer }) => byMediaServer);
  if (full !== undefined) return ofMediaServer(Number(full.code), detail);
  // Innermost first: what is around it only tells of it.
  const code = texts
    .reverse()
    .map(codeOf)
    .find((each) => each !== undefined);
  return new CallError(code ?? 'internal', detail);
}

/** Turns what fetched a grant rejected with into an error of ours. */
export function grantError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const { code, detail } = failure(thrown);
  return new CallError(code, detail);
}

/** What a media server's error means for a try to join; undefined: the SDK goes on trying. */
export function mediaServerError(code: number, message: string): CallError | undefined {
  return ELSEWHERE.has(code) ? undefined : ofMediaServer(code, redact(message));
}

function ofMediaServer(code: number, message: string): CallError {
  if (code === FULL) return new CallError('room-full');
  // There will be room again, or another server.
  if (ELSEWHERE.has(code)) return new CallError('server-refused', message, true);
  return new CallError(code === 300 ? 'meeting-not-found' : refusalOf(code), message);
}

/** Turns what the SDK threw when a track could not be shown to the others into an error of ours. */
export function publishError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const message = chain(thrown).map(said);
  if (message.some((each) => /permission/i.test(each.message) || each.code === 403))
    return new CallError('token-publish-missing');
  return new CallError('publish-failed', redact(message[0]?.message ?? ''));
}

/** What concerns the one thing that was asked for, and not the call. */
const MERELY_REFUSED: ReadonlySet<string> = new Set([
  'internal',
  'meeting-not-found',
  'server-refused',
]);

/** Turns what the SDK threw when something was asked of the server into an error of ours. */
export function actionError(thrown: unknown): CallError {
  const error = joinError(thrown);
  return MERELY_REFUSED.has(error.code) ? new CallError('action-refused', error.detail) : error;
}
