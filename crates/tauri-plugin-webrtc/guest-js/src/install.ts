/** Puts the polyfill into a page. */
import { OverconstrainedError, RTCError, RTCErrorEvent } from './errors';
import { MediaDeviceInfo, MediaDevices } from './media/devices';
import { DisplaySourcesEvent } from './media/display';
import { MediaStream, MediaStreamTrackEvent, setNativeStream } from './media/stream';
import { MediaStreamTrack, setNativeTrack } from './media/track';
import { RTCDataChannel } from './peer/channel';
import { RTCPeerConnection } from './peer/connection';
import { RTCIceCandidate, RTCSessionDescription } from './peer/description';
import {
  RTCDataChannelEvent,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCTrackEvent,
} from './peer/events';
import { RTCRtpReceiver } from './peer/receiver';
import { RTCRtpSender } from './peer/sender';
import { RTCStatsReport } from './peer/stats';
import { RTCRtpTransceiver } from './peer/transceiver';
import { RTCDtlsTransport, RTCIceTransport, RTCSctpTransport } from './peer/transports';
import { patchPermissions } from './media/permissions';
import { patchAudio } from './audio/patch';
import { prepareDecoding } from './playback/decoder';
import { patchElements } from './playback/patch';
import { patchSockets } from './socket';
import { Host, openWebSocket, setHost } from './transport';
import type { EndpointProvider } from './transport';

const INTERFACES = {
  DisplaySourcesEvent,
  MediaDeviceInfo,
  MediaDevices,
  MediaStream,
  MediaStreamTrack,
  MediaStreamTrackEvent,
  OverconstrainedError,
  RTCDataChannel,
  RTCDataChannelEvent,
  RTCDtlsTransport,
  RTCError,
  RTCErrorEvent,
  RTCIceCandidate,
  RTCIceTransport,
  RTCPeerConnection,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCRtpReceiver,
  RTCRtpSender,
  RTCRtpTransceiver,
  RTCSctpTransport,
  RTCSessionDescription,
  RTCStatsReport,
  RTCTrackEvent,
};

/**
 * Installs the polyfill unless the webview has WebRTC of its own. Runs before any script of the
 * page, and only in its top frame: a frame inside may be somebody else's page. Nothing is asked of
 * the host: a page that uses nothing of it costs nothing.
 */
export function install(scope: typeof globalThis & Window, endpoint: EndpointProvider): void {
  if (typeof scope.RTCPeerConnection !== 'undefined' || scope.top !== scope.self) return;
  setHost(new Host(endpoint, openWebSocket, prepareDecoding));
  setNativeStream(scope.MediaStream);
  setNativeTrack(scope.MediaStreamTrack);
  for (const [name, value] of Object.entries(INTERFACES)) {
    Object.defineProperty(scope, name, { value, configurable: true, writable: true });
  }
  Object.defineProperty(scope.navigator, 'mediaDevices', {
    value: new MediaDevices(),
    configurable: true,
    enumerable: true,
  });
  patchPermissions(scope.navigator);
  patchElements();
  patchAudio(scope);
  patchSockets(scope);
}
