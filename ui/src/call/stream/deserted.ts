import { patientRetry } from '../backoff';
import type { GrantProvider, StreamGrant } from '../model';
import { Scope } from '../scope';

/** Stream's own coordinator. */
const COORDINATOR = 'https://video.stream-io-api.com/video';
/** Milliseconds of asking: longer than a media server waits for somebody whose app has died. */
const PATIENCE = 60_000;
/** Milliseconds that one answer may take. */
const LONGEST_ANSWER = 5_000;

/**
 * Whether nobody is in a call any more that was left: asked of the coordinator until it is so, or long
 * enough, or `signal` says that it does not matter any more. By plain HTTP, because the SDK's connection
 * is gone by then.
 */
export async function isDeserted(
  grants: GrantProvider<StreamGrant>,
  signal: AbortSignal,
): Promise<boolean> {
  const asking = new Scope();
  const end = (): void => asking.end();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    return await ask(grants, asking);
  } finally {
    signal.removeEventListener('abort', end);
    asking.end();
  }
}

async function ask(grants: GrantProvider<StreamGrant>, asking: Scope): Promise<boolean> {
  const start = Date.now();
  const over = (): boolean => asking.ended || Date.now() - start >= PATIENCE;
  let grant: StreamGrant | undefined;
  for (let attempt = 0; !over(); attempt += 1) {
    await asking.pause(patientRetry.delay(attempt, 0) ?? 0);
    if (asking.ended) break;
    try {
      grant ??= await grants();
      if (!over() && (await isEmpty(grant, asking))) return !asking.ended;
    } catch {
      // Whatever it is may pass: nobody waits.
    }
  }
  return false;
}

async function isEmpty(grant: StreamGrant, asking: Scope): Promise<boolean> {
  const { apiKey, identity, callType, callId, token } = grant;
  const path = [callType, callId].map(encodeURIComponent).join('/');
  const url = new URL(`${(grant.baseUrl ?? COORDINATOR).replace(/\/$/, '')}/call/${path}`);
  url.search = new URLSearchParams({ api_key: apiKey, user_id: identity }).toString();
  const request = new AbortController();
  asking.add(() => request.abort());
  const late = setTimeout(() => request.abort(), LONGEST_ANSWER);
  try {
    const answer = await fetch(url, {
      headers: { Authorization: token, 'stream-auth-type': 'jwt' },
      signal: request.signal,
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return participantsOf(await answer.json()) === 0;
  } finally {
    clearTimeout(late);
  }
}

/** As many as are said to be in; what has another form says nothing of it. */
function participantsOf(answer: unknown): number | undefined {
  const call = member(answer, 'call');
  if (call === undefined) return undefined;
  const session = member(call, 'session');
  // The last one's going ends it.
  if (session === undefined || member(session, 'ended_at') !== undefined) return 0;
  const participants = member(session, 'participants');
  return Array.isArray(participants) ? participants.length : undefined;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}
