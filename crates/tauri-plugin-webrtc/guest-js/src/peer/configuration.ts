/** `RTCConfiguration`, checked and with its defaults (W3C webrtc-pc, section 4.4.1.6). */
import type { Configuration, IceServer } from '../wire';

const BUNDLE_POLICIES = ['balanced', 'max-compat', 'max-bundle'];
const TRANSPORT_POLICIES = ['all', 'relay'];

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

function choice(value: unknown, choices: string[], name: string): string {
  if (value === undefined) return choices[0] ?? '';
  if (typeof value !== 'string' || !choices.includes(value)) {
    throw new TypeError(`not one of the values of ${name}`);
  }
  return value;
}

function iceServer(server: RTCIceServer): IceServer {
  const urls = Array.isArray(server.urls) ? server.urls : [server.urls];
  if (urls.length === 0) throw syntaxError('an ICE server without URLs');
  const wire: IceServer = { urls: urls.map(String) };
  for (const url of wire.urls) {
    const scheme = /^(stuns?|turns?):[^/\s]+$/i.exec(url)?.[1];
    if (scheme === undefined) throw syntaxError(`'${url}' is no STUN or TURN URL`);
    const turn = scheme.toLowerCase().startsWith('turn');
    if (turn && (server.username === undefined || server.credential === undefined)) {
      throw new DOMException('a TURN server needs a name and a credential', 'InvalidAccessError');
    }
  }
  if (server.username !== undefined) wire.username = String(server.username);
  if (server.credential !== undefined) wire.credential = String(server.credential);
  return wire;
}

/** What the page sees by `getConfiguration`. */
export interface FullConfiguration extends Configuration {
  rtcpMuxPolicy: 'require';
  iceCandidatePoolSize: number;
  certificates: never[];
}

/** Checks a configuration of the page. */
export function checkedConfiguration(given: RTCConfiguration = {}): FullConfiguration {
  if ((given.rtcpMuxPolicy ?? 'require') !== 'require') {
    throw new TypeError("rtcpMuxPolicy has to be 'require'");
  }
  const pool = Math.trunc(Number(given.iceCandidatePoolSize ?? 0));
  if (!(pool >= 0 && pool <= 255)) throw new TypeError('iceCandidatePoolSize is out of range');
  if (given.certificates && given.certificates.length > 0) {
    throw new DOMException('The host makes its own certificates', 'InvalidAccessError');
  }
  return {
    iceServers: (given.iceServers ?? []).map(iceServer),
    iceTransportPolicy: choice(given.iceTransportPolicy, TRANSPORT_POLICIES, 'iceTransportPolicy'),
    bundlePolicy: choice(given.bundlePolicy, BUNDLE_POLICIES, 'bundlePolicy'),
    rtcpMuxPolicy: 'require',
    iceCandidatePoolSize: pool,
    certificates: [],
  };
}

/** Checks a change of configuration. */
export function changedConfiguration(
  before: FullConfiguration,
  given: RTCConfiguration,
): FullConfiguration {
  const next = checkedConfiguration(given);
  if (next.bundlePolicy !== before.bundlePolicy) {
    throw new DOMException('bundlePolicy may not be changed', 'InvalidModificationError');
  }
  return next;
}

/** The part that the host needs. */
export function wireConfiguration(configuration: FullConfiguration): Configuration {
  const { iceServers, iceTransportPolicy, bundlePolicy } = configuration;
  return { iceServers, iceTransportPolicy, bundlePolicy };
}
