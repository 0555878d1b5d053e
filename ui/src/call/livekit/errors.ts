import { ConnectionError, ConnectionErrorReason, DisconnectReason } from 'livekit-client';

import { redact } from '../../errors/redact';
import { CallError, type EndReason } from '../model';

/** What the server says, in its own words, and what it means. */
const answers: readonly (readonly [RegExp, string])[] = [
  [/token is expired/i, 'token-expired'],
  [/token is not valid yet/i, 'token-not-yet-valid'],
  [/signature is invalid/i, 'token-signature-wrong'],
  [/signing method .* is invalid|unexpected signature algorithm/i, 'token-wrong-algorithm'],
  [/invalid API key:\s*$/i, 'token-issuer-missing'],
  [/invalid API key/i, 'token-key-unknown'],
  [/identity cannot be empty/i, 'token-identity-missing'],
  [/no permissions to access the room/i, 'token-grants-missing'],
  [/permissions denied/i, 'token-grants-empty'],
  [/no room name/i, 'token-room-missing'],
  [/invalid authorization token/i, 'token-not-jwt'],
  [/max participants|room is full/i, 'room-full'],
];

/** The code for what a server answered. */
export function codeOfAnswer(answer: string): string | undefined {
  const trimmed = answer.trim();
  return answers.find(([pattern]) => pattern.test(trimmed))?.[1];
}

/** The SDK calls every status of 400 to 499 "not allowed"; of a user these are. */
const isDenied = (status: number | undefined): boolean =>
  status === undefined || status === 401 || status === 403;

/** Turns what the SDK threw while joining into an error of ours. */
export function joinError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const message = redact(thrown instanceof Error ? thrown.message : String(thrown));
  const known = codeOfAnswer(message);
  if (known !== undefined) return new CallError(known, message);
  if (thrown instanceof ConnectionError) {
    switch (thrown.reason) {
      case ConnectionErrorReason.NotAllowed:
        return new CallError(
          isDenied(thrown.status as number | undefined) ? 'server-refused' : 'server-error',
          message,
        );
      case ConnectionErrorReason.Timeout:
        return new CallError('server-timeout', message);
      case ConnectionErrorReason.InternalError:
        return new CallError(
          /pc connection|peer/i.test(message) ? 'media-blocked' : 'server-error',
          message,
        );
      default:
        return new CallError('server-unreachable-refused', message);
    }
  }
  return new CallError('internal', message);
}

/** Turns what the SDK threw when a track could not be shown to the others into an error of ours. */
export function publishError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  const message = redact(thrown instanceof Error ? thrown.message : String(thrown));
  return /permission/i.test(message)
    ? new CallError('token-publish-missing')
    : new CallError('publish-failed', message);
}

/** Why the server ended the call; undefined if it did not mean to, so that one may come back. */
export function endReason(reason: DisconnectReason | undefined): EndReason | undefined {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'left';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'duplicate-identity';
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'ended';
    default:
      return undefined;
  }
}
