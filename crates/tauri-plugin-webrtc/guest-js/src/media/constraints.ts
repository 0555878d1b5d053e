/** `MediaTrackConstraints` as the wire wants them: bare values are ideals, lists are flattened. */
import type { NumberConstraint, StringConstraint, TrackConstraints } from '../wire';

const NUMBERS = [
  'width',
  'height',
  'frameRate',
  'aspectRatio',
  'channelCount',
  'sampleRate',
] as const;
/** Of screens (W3C screen-capture, section 5.4); what is to be shown is the user's choice alone. */
const STRINGS = ['cursor', 'displaySurface'] as const;
const SWITCHES = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;

/** What `getSupportedConstraints` answers. */
export function supportedConstraints(): MediaTrackSupportedConstraints {
  const supported: Record<string, boolean> = { deviceId: true, groupId: true };
  for (const name of [...NUMBERS, ...STRINGS, ...SWITCHES]) supported[name] = true;
  return supported;
}

function isDictionary(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberConstraint(value: unknown): NumberConstraint | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isDictionary(value)) {
    const ideal = Number(value);
    return Number.isFinite(ideal) ? { ideal } : undefined;
  }
  const constraint: NumberConstraint = {};
  for (const bound of ['min', 'max', 'ideal', 'exact'] as const) {
    const given = value[bound];
    if (given === undefined) continue;
    const number = Number(given);
    if (!Number.isFinite(number)) throw new TypeError(`constraint ${bound} is not a finite number`);
    constraint[bound] = number;
  }
  return constraint;
}

function strings(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function stringConstraint(value: unknown): StringConstraint | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isDictionary(value)) return { ideal: strings(value), exact: [] };
  return { ideal: strings(value['ideal']), exact: strings(value['exact']) };
}

function switchConstraint(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isDictionary(value)) return value === true || value === 'all' || value === 'remote-only';
  return switchConstraint(value['exact'] ?? value['ideal']);
}

/** A plain copy, as conversion to a WebIDL dictionary makes it (also of a page's proxies). */
export function copyConstraints(constraints: MediaTrackConstraints): MediaTrackConstraints {
  return JSON.parse(JSON.stringify(constraints)) as MediaTrackConstraints;
}

/** Reads constraints of the page. `true` stands for none. */
export function toWire(constraints: MediaTrackConstraints | boolean): TrackConstraints {
  const wire: TrackConstraints = {};
  if (typeof constraints === 'boolean') return wire;
  const given = constraints as Record<string, unknown>;
  const deviceId = stringConstraint(given['deviceId']);
  if (deviceId) wire.deviceId = deviceId;
  const cursor = stringConstraint(given['cursor']);
  if (cursor) wire.cursor = cursor;
  for (const name of NUMBERS) {
    const constraint = numberConstraint(given[name]);
    if (constraint) wire[name] = constraint;
  }
  for (const name of SWITCHES) {
    const constraint = switchConstraint(given[name]);
    if (constraint !== undefined) wire[name] = constraint;
  }
  return wire;
}
