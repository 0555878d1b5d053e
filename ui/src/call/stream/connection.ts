import { redact } from '../../errors/redact';
import { CallError, type GrantProvider, type StreamGrant } from '../model';
import { Scope } from '../scope';
import { joinError } from './errors';
import type { Sdk, SdkCall, SdkClient, SdkClientOptions } from './sdk';
import { Tokens } from './tokens';

/** Milliseconds that connecting a user may take. */
const LONGEST_CONNECT = 20_000;
/** Milliseconds that are waited for the coordinator when disconnecting. */
const LONGEST_GOODBYE = 2_000;

/** As the SDK's logs may have tokens in them, and objects of any size. */
function log(level: string, message: string, ...data: unknown[]): void {
  const rest = data.map((each) => (each instanceof Error ? each.message : '')).filter(Boolean);
  const line = redact([message, ...rest].join(' ')).slice(0, 500);
  if (level === 'error') console.error(line);
  else console.warn(line);
}

/** A coordinator of one's own says itself which media server is near: nobody else is asked. */
function nearby(baseUrl: string): { locationHintUrl: string } {
  return { locationHintUrl: new URL('/hint', baseUrl).href };
}

/**
 * A user who is connected to the coordinator. The SDK waits without end where it cannot go on; what
 * is done with it is done `within` a time, and ends when the connection does.
 */
export class Connection {
  readonly grant: StreamGrant;
  readonly #client: SdkClient;
  readonly #scope = new Scope();
  readonly #tokens: Tokens;
  readonly #ended: Promise<never>;
  #end: (error: CallError) => void = () => undefined;
  /** Told what ended it, unless that was `close`. */
  onEnd: (error: CallError) => void = () => undefined;

  private constructor(
    grant: StreamGrant,
    grants: GrantProvider<StreamGrant>,
    make: (options: SdkClientOptions) => SdkClient,
  ) {
    this.grant = grant;
    this.#ended = new Promise<never>((_, reject) => (this.#end = reject));
    // Nobody may be waiting just now.
    this.#ended.catch(() => undefined);
    this.#tokens = new Tokens(grant, grants, this.#scope, (error) => {
      this.#end(error);
      this.onEnd(error);
    });
    const { apiKey, baseUrl } = grant;
    this.#client = make({
      apiKey,
      options: {
        ...(baseUrl !== undefined && { baseURL: baseUrl, ...nearby(baseUrl) }),
        maxConnectUserRetries: 1,
        clientEventsReportingEnabled: false,
        devicePersistence: { enabled: false },
        logOptions: { default: { level: 'warn', sink: log } },
      },
    });
  }

  /** Fetches a grant and connects its user. */
  static async open(grants: GrantProvider<StreamGrant>, signal?: AbortSignal): Promise<Connection> {
    const { StreamVideoClient }: Sdk = await import('@stream-io/video-client');
    const grant = await grants();
    signal?.throwIfAborted();
    const connection = new Connection(grant, grants, (options) => new StreamVideoClient(options));
    try {
      await connection.#connect(signal);
    } catch (thrown) {
      void connection.close();
      throw joinError(thrown);
    }
    return connection;
  }

  /** The call that the grant is for. */
  call(): SdkCall {
    return this.#client.call(this.grant.callType, this.grant.callId);
  }

  /** The call is going on: it bears a backend that is away for a while. */
  settle(): void {
    this.#tokens.patient = true;
  }

  /** What the SDK does, unless it takes too long, is not wanted any more, or can never end. */
  async within<T>(
    what: string,
    work: Promise<T>,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const scope = new Scope();
    const late = scope.pause(milliseconds).then(() => {
      if (!scope.ended) throw new CallError('server-timeout', what);
      // The race is over; this is not listened to.
      return new Promise<never>(() => undefined);
    });
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => reject(new CallError('connection-lost'));
      if (signal?.aborted === true) abort();
      signal?.addEventListener('abort', abort);
      scope.add(() => signal?.removeEventListener('abort', abort));
    });
    work.catch(() => undefined);
    try {
      return await Promise.race([this.#ended, aborted, late, work]);
    } finally {
      scope.end();
    }
  }

  /** Gives the connection up. Soon there, and never rejects. */
  async close(): Promise<void> {
    if (this.#scope.ended) return;
    this.#scope.end();
    this.#end(new CallError('connection-lost'));
    const scope = new Scope();
    // At once: as long as the SDK waits, its own tries to join still have a token.
    const bye = this.#client.disconnectUser(0).catch(() => undefined);
    await Promise.race([bye, scope.pause(LONGEST_GOODBYE)]);
    scope.end();
  }

  async #connect(signal: AbortSignal | undefined): Promise<void> {
    const { identity: id, name } = this.grant;
    const user = name === '' ? { id } : { id, name };
    const connecting = this.#client.connectUser(user, this.#tokens.provider);
    // It may come to be when nobody waits any more.
    connecting.then(
      () => {
        if (this.#scope.ended) this.#client.disconnectUser(0).catch(() => undefined);
      },
      () => undefined,
    );
    await this.within('connecting', connecting, LONGEST_CONNECT, signal);
  }
}
