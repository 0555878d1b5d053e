/** Errors as the web platform throws them. */
import { nameInterface } from './surface';
import type { WireError } from './wire';

/** `RTCError` (W3C webrtc-pc, section 10.1). */
export class RTCError extends DOMException {
  readonly errorDetail: RTCErrorDetailType;
  readonly sdpLineNumber: number | null;
  readonly httpRequestStatusCode: number | null = null;
  readonly sctpCauseCode: number | null;
  readonly receivedAlert: number | null;
  readonly sentAlert: number | null;

  constructor(init: RTCErrorInit, message = '') {
    super(message, 'OperationError');
    this.errorDetail = init.errorDetail;
    this.sdpLineNumber = init.sdpLineNumber ?? null;
    this.sctpCauseCode = init.sctpCauseCode ?? null;
    this.receivedAlert = init.receivedAlert ?? null;
    this.sentAlert = init.sentAlert ?? null;
  }
}

/** `RTCErrorEvent` (W3C webrtc-pc, section 10.2). */
export class RTCErrorEvent extends Event {
  readonly error: RTCError;

  constructor(type: string, init: EventInit & { error: RTCError }) {
    super(type, init);
    this.error = init.error;
  }
}
nameInterface(RTCErrorEvent, 'RTCErrorEvent');

/** `OverconstrainedError` (W3C mediacapture-main). */
export class OverconstrainedError extends DOMException {
  readonly constraint: string;

  constructor(constraint: string, message = '') {
    super(message, 'OverconstrainedError');
    this.constraint = constraint;
  }
}

/** What a call on an object in the wrong state throws. */
export function invalidState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError');
}

/** The exception that a host's error stands for. */
export function fromWire(error: WireError): Error {
  switch (error.name) {
    case 'TypeError':
      return new TypeError(error.message);
    case 'RangeError':
      return new RangeError(error.message);
    case 'RTCError': {
      const init: RTCErrorInit = {
        errorDetail: (error.detail ?? 'sdp-syntax-error') as RTCErrorDetailType,
      };
      if (error.sdpLine !== undefined) init.sdpLineNumber = error.sdpLine;
      return new RTCError(init, error.message);
    }
    case 'OverconstrainedError':
      return new OverconstrainedError(error.detail ?? '', error.message);
    default:
      return new DOMException(error.message, error.name);
  }
}
