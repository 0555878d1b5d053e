// Generated from src/wire.rs by `./x types`. Do not edit.

export type Opened = { 
/**
 * `ws://127.0.0.1:PORT/`.
 */
url: string, 
/**
 * One-time secret, offered as the second subprotocol.
 */
secret: string, };

export type Request = { 
/**
 * Chosen by the page; the reply repeats it.
 */
id: number, } & ({ "op": "enumerateDevices" } | { "op": "getUserMedia", 
/**
 * Present if a microphone is asked for.
 */
audio: TrackConstraints | null, 
/**
 * Present if a camera is asked for.
 */
video: TrackConstraints | null, } | { "op": "getDisplayMedia", video: TrackConstraints, } | { "op": "chooseDisplaySource", source: string | null, } | { "op": "setContentHint", track: number, hint: string, } | { "op": "cloneTrack", track: number, clone: number, } | { "op": "stopTrack", track: number, } | { "op": "setTrackEnabled", track: number, enabled: boolean, } | { "op": "applyConstraints", track: number, constraints: TrackConstraints, } | { "op": "attachVideo", sink: number, track: number, 
/**
 * CSS size times the device pixel ratio, in pixels.
 */
width: number, height: number, } | { "op": "updateVideo", sink: number, width: number, height: number, visible: boolean, } | { "op": "detachVideo", sink: number, } | { "op": "requestKeyFrame", track: number, } | { "op": "reportDecoded", track: number, report: DecodeReport, } | { "op": "attachAudio", sink: number, track: number, 
/**
 * 0.0 to 1.0.
 */
volume: number, muted: boolean, 
/**
 * Empty: the default output.
 */
deviceId: string, } | { "op": "updateAudio", sink: number, volume: number, muted: boolean, deviceId: string, } | { "op": "detachAudio", sink: number, } | { "op": "watchLevel", track: number, on: boolean, } | { "op": "pcCreate", pc: number, configuration: Configuration, } | { "op": "pcSetConfiguration", pc: number, configuration: Configuration, } | { "op": "pcCreateOffer", pc: number, iceRestart: boolean, } | { "op": "pcCreateAnswer", pc: number, } | { "op": "pcSetLocalDescription", pc: number, description: SessionDescription | null, } | { "op": "pcSetRemoteDescription", pc: number, description: SessionDescription, } | { "op": "pcAddIceCandidate", pc: number, candidate: IceCandidate | null, } | { "op": "pcRestartIce", pc: number, } | { "op": "pcAddTransceiver", pc: number, transceiver: number, kind: Kind, init: TransceiverInit, } | { "op": "transceiverSetDirection", pc: number, transceiver: number, direction: Direction, } | { "op": "transceiverStop", pc: number, transceiver: number, } | { "op": "transceiverSetCodecPreferences", pc: number, transceiver: number, codecs: Array<Codec>, } | { "op": "senderReplaceTrack", pc: number, transceiver: number, track: number | null, trackId: string | null, } | { "op": "senderSetStreams", pc: number, transceiver: number, streams: Array<string>, } | { "op": "senderSetParameters", pc: number, transceiver: number, encodings: Array<Encoding>, degradationPreference: string | null, } | { "op": "receiverSetJitterBufferTarget", pc: number, transceiver: number, milliseconds: number | null, } | { "op": "pcCreateDataChannel", pc: number, channel: number, label: string, init: DataChannelInit, } | { "op": "dataChannelClose", channel: number, } | { "op": "dataTaken", bytes: number, } | { "op": "pcGetStats", pc: number, transceiver: number | null, side: Side | null, } | { "op": "pcClose", pc: number, });

export type Op = { "op": "enumerateDevices" } | { "op": "getUserMedia", 
/**
 * Present if a microphone is asked for.
 */
audio: TrackConstraints | null, 
/**
 * Present if a camera is asked for.
 */
video: TrackConstraints | null, } | { "op": "getDisplayMedia", video: TrackConstraints, } | { "op": "chooseDisplaySource", source: string | null, } | { "op": "setContentHint", track: number, hint: string, } | { "op": "cloneTrack", track: number, clone: number, } | { "op": "stopTrack", track: number, } | { "op": "setTrackEnabled", track: number, enabled: boolean, } | { "op": "applyConstraints", track: number, constraints: TrackConstraints, } | { "op": "attachVideo", sink: number, track: number, 
/**
 * CSS size times the device pixel ratio, in pixels.
 */
width: number, height: number, } | { "op": "updateVideo", sink: number, width: number, height: number, visible: boolean, } | { "op": "detachVideo", sink: number, } | { "op": "requestKeyFrame", track: number, } | { "op": "reportDecoded", track: number, report: DecodeReport, } | { "op": "attachAudio", sink: number, track: number, 
/**
 * 0.0 to 1.0.
 */
volume: number, muted: boolean, 
/**
 * Empty: the default output.
 */
deviceId: string, } | { "op": "updateAudio", sink: number, volume: number, muted: boolean, deviceId: string, } | { "op": "detachAudio", sink: number, } | { "op": "watchLevel", track: number, on: boolean, } | { "op": "pcCreate", pc: number, configuration: Configuration, } | { "op": "pcSetConfiguration", pc: number, configuration: Configuration, } | { "op": "pcCreateOffer", pc: number, iceRestart: boolean, } | { "op": "pcCreateAnswer", pc: number, } | { "op": "pcSetLocalDescription", pc: number, description: SessionDescription | null, } | { "op": "pcSetRemoteDescription", pc: number, description: SessionDescription, } | { "op": "pcAddIceCandidate", pc: number, candidate: IceCandidate | null, } | { "op": "pcRestartIce", pc: number, } | { "op": "pcAddTransceiver", pc: number, transceiver: number, kind: Kind, init: TransceiverInit, } | { "op": "transceiverSetDirection", pc: number, transceiver: number, direction: Direction, } | { "op": "transceiverStop", pc: number, transceiver: number, } | { "op": "transceiverSetCodecPreferences", pc: number, transceiver: number, codecs: Array<Codec>, } | { "op": "senderReplaceTrack", pc: number, transceiver: number, track: number | null, trackId: string | null, } | { "op": "senderSetStreams", pc: number, transceiver: number, streams: Array<string>, } | { "op": "senderSetParameters", pc: number, transceiver: number, encodings: Array<Encoding>, degradationPreference: string | null, } | { "op": "receiverSetJitterBufferTarget", pc: number, transceiver: number, milliseconds: number | null, } | { "op": "pcCreateDataChannel", pc: number, channel: number, label: string, init: DataChannelInit, } | { "op": "dataChannelClose", channel: number, } | { "op": "dataTaken", bytes: number, } | { "op": "pcGetStats", pc: number, transceiver: number | null, side: Side | null, } | { "op": "pcClose", pc: number, };

export type Reply = { 
/**
 * The request's id.
 */
reply: number, 
/**
 * Null where the operation has nothing to say.
 */
value?: unknown, 
/**
 * Absent on success.
 */
error?: WireError, };

export type FromHost = Reply | Event;

export type WireError = { 
/**
 * A `DOMException` name, `TypeError`, `RangeError`, `RTCError` or `OverconstrainedError`.
 */
name: string, 
/**
 * In plain words, without secrets.
 */
message: string, 
/**
 * `OverconstrainedError.constraint`, or `RTCError.errorDetail`.
 */
detail?: string, 
/**
 * `RTCError.sdpLineNumber`, from 1.
 */
sdpLine?: number, };

export type Event = { "event": "deviceChange" } | { "event": "trackEnded", track: number, } | { "event": "trackMuted", track: number, muted: boolean, } | { "event": "audioLevel", track: number, level: number, source: SynchronizationSource | null, } | { "event": "pcState", pc: number, state: PcState, } | { "event": "pcIceCandidate", pc: number, candidate: IceCandidate | null, } | { "event": "pcIceCandidateError", pc: number, url: string, errorCode: number, errorText: string, } | { "event": "pcNegotiationNeeded", pc: number, } | { "event": "pcDataChannel", pc: number, channel: number, label: string, init: DataChannelInit, } | { "event": "dataChannelState", channel: number, state: DataChannelState, streamId: number | null, } | { "event": "dataChannelFailed", channel: number, reason: string, } | { "event": "dataChannelSent", channel: number, sent: number, };

export type Kind = "audio" | "video";

export type Side = "sender" | "receiver";

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive" | "stopped";

export type DeviceInfo = { 
/**
 * Stable over restarts, opaque.
 */
deviceId: string, 
/**
 * Same for the parts of one physical device.
 */
groupId: string, 
/**
 * `audioinput`, `audiooutput` or `videoinput`.
 */
kind: string, 
/**
 * What the system calls it.
 */
label: string, };

export type NumberConstraint = { min?: number, max?: number, ideal?: number, exact?: number, };

export type StringConstraint = { ideal: Array<string>, exact: Array<string>, };

export type TrackConstraints = { deviceId?: StringConstraint, width?: NumberConstraint, height?: NumberConstraint, frameRate?: NumberConstraint, aspectRatio?: NumberConstraint, channelCount?: NumberConstraint, sampleRate?: NumberConstraint, echoCancellation?: boolean, noiseSuppression?: boolean, autoGainControl?: boolean, cursor?: StringConstraint, };

export type TrackSettings = { deviceId: string, groupId: string, width?: number, height?: number, frameRate?: number, sampleRate?: number, channelCount?: number, echoCancellation?: boolean, noiseSuppression?: boolean, autoGainControl?: boolean, displaySurface?: string, cursor?: string, };

export type LocalTrack = { 
/**
 * Host's id.
 */
track: number, 
/**
 * Kind.
 */
kind: Kind, 
/**
 * The device's label.
 */
label: string, 
/**
 * What the device delivers.
 */
settings: TrackSettings, };

export type DisplayAnswer = { "kind": "chosen", 
/**
 * What they chose.
 */
tracks: Array<LocalTrack>, } | { "kind": "choose", 
/**
 * What there is.
 */
sources: Array<DisplaySource>, };

export type DisplaySource = { 
/**
 * Says nothing, and counts once, while it is offered.
 */
id: string, 
/**
 * `monitor` or `window`.
 */
surface: string, 
/**
 * The window's title, or the monitor's connector. Other programs choose it.
 */
title: string, 
/**
 * The window's program; empty for monitors.
 */
application: string, 
/**
 * A small picture, as a `data:` URL.
 */
thumbnail: string | null, };

export type DecodeReport = { 
/**
 * Pictures decoded.
 */
framesDecoded: number, 
/**
 * Key frames among them.
 */
keyFramesDecoded: number, 
/**
 * Pictures that arrived but were not painted.
 */
framesDropped: number, 
/**
 * Seconds spent in the decoder.
 */
totalDecodeTime: number, 
/**
 * Last picture's width, in pixels.
 */
frameWidth: number, 
/**
 * Last picture's height, in pixels.
 */
frameHeight: number, 
/**
 * Pictures painted in the last second.
 */
framesPerSecond: number, 
/**
 * Freezes as webrtc-stats counts them.
 */
freezeCount: number, 
/**
 * Seconds frozen.
 */
totalFreezesDuration: number, 
/**
 * Pauses as webrtc-stats counts them: more than five seconds without a picture.
 */
pauseCount: number, 
/**
 * Seconds paused.
 */
totalPausesDuration: number, };

export type SynchronizationSource = { 
/**
 * SSRC.
 */
source: number, 
/**
 * RTP time of the packet, as it came.
 */
rtpTimestamp: number, 
/**
 * Milliseconds since it came.
 */
age: number, 
/**
 * Linear, 0.0 to 1.0, if the sender told it (RFC 6464).
 */
audioLevel: number | null, };

export type Configuration = { 
/**
 * STUN and TURN servers.
 */
iceServers: Array<IceServer>, 
/**
 * `all` or `relay`.
 */
iceTransportPolicy: string, 
/**
 * `balanced`, `max-compat` or `max-bundle`.
 */
bundlePolicy: string, };

export type IceServer = { 
/**
 * `stun:`, `turn:`, `turns:` URLs (RFC 7064, RFC 7065).
 */
urls: Array<string>, 
/**
 * TURN user.
 */
username?: string, 
/**
 * TURN password.
 */
credential?: string, };

export type SessionDescription = { 
/**
 * Type.
 */
type: SdpType, 
/**
 * Empty for a rollback.
 */
sdp: string, };

export type SdpType = "offer" | "pranswer" | "answer" | "rollback";

export type IceCandidate = { candidate: string, sdpMid: string | null, sdpMLineIndex: number | null, usernameFragment: string | null, };

export type TransceiverInit = { 
/**
 * Local track to send.
 */
track: number | null, 
/**
 * `MediaStreamTrack.id` of it, shown as the track part of the msid.
 */
trackId: string | null, 
/**
 * Wanted direction.
 */
direction: Direction, 
/**
 * Ids of the streams the track belongs to.
 */
streams: Array<string>, 
/**
 * Empty: one encoding.
 */
sendEncodings: Array<Encoding>, 
/**
 * Made by `addTrack` (may be reused by a remote offer, JSEP section 5.10).
 */
byAddTrack: boolean, };

export type Encoding = { 
/**
 * Name of the layer (RFC 8852).
 */
rid?: string, 
/**
 * Off: not sent. Absent: on.
 */
active?: boolean, 
/**
 * Bits per second.
 */
maxBitrate?: number, 
/**
 * Frames per second.
 */
maxFramerate?: number, 
/**
 * 1 or more.
 */
scaleResolutionDownBy?: number, 
/**
 * `L1T1` and the like (webrtc-svc).
 */
scalabilityMode?: string, 
/**
 * `very-low` to `high`.
 */
priority?: string, 
/**
 * `very-low` to `high`.
 */
networkPriority?: string, };

export type Codec = { 
/**
 * `video/VP8` and the like.
 */
mimeType: string, 
/**
 * Hertz.
 */
clockRate: number, 
/**
 * Audio only.
 */
channels?: number, 
/**
 * Format parameters.
 */
sdpFmtpLine?: string, 
/**
 * Known once negotiated.
 */
payloadType?: number, };

export type Capabilities = { 
/**
 * Codecs, preferred first.
 */
codecs: Array<Codec>, 
/**
 * Header extensions.
 */
headerExtensions: Array<HeaderExtension>, };

export type HeaderExtension = { 
/**
 * RFC 8285 URI.
 */
uri: string, 
/**
 * Negotiated id.
 */
id?: number, };

export type DataChannelInit = { 
/**
 * In order.
 */
ordered: boolean, 
/**
 * Milliseconds.
 */
maxPacketLifeTime?: number, 
/**
 * Retransmissions.
 */
maxRetransmits?: number, 
/**
 * Subprotocol.
 */
protocol: string, 
/**
 * Negotiated by the application.
 */
negotiated: boolean, 
/**
 * SCTP stream id, if chosen.
 */
id?: number, };

export type DataChannelState = "connecting" | "open" | "closing" | "closed";

export type DescriptionSet = { 
/**
 * State right after.
 */
state: PcState, 
/**
 * Remote tracks that came, in order: fire `track` for each (remote descriptions only).
 */
added: Array<RemoteTrack>, 
/**
 * Remote tracks that went from their streams: mute and remove.
 */
removed: Array<RemoteTrack>, };

export type RemoteTrack = { 
/**
 * Transceiver.
 */
transceiver: number, 
/**
 * Host's id of the receiver's track.
 */
track: number, 
/**
 * `MediaStreamTrack.id` to show (the msid's track part if given).
 */
trackId: string, 
/**
 * Stream ids.
 */
streams: Array<string>, };

export type PcState = { signalingState: string, iceGatheringState: string, iceConnectionState: string, connectionState: string, 
/**
 * `new`, `connecting`, `connected`, `closed` or `failed`: all transports are bundled.
 */
dtlsState: string, 
/**
 * Absent until data channels are negotiated.
 */
sctp: SctpState | null, 
/**
 * Absent: unchanged since the last snapshot that carried them.
 */
descriptions: Descriptions | null, transceivers: Array<TransceiverState>, };

export type Descriptions = { currentLocal: SessionDescription | null, pendingLocal: SessionDescription | null, currentRemote: SessionDescription | null, pendingRemote: SessionDescription | null, };

export type SctpState = { 
/**
 * `connecting`, `connected` or `closed`.
 */
state: string, 
/**
 * Bytes.
 */
maxMessageSize: number, 
/**
 * Streams.
 */
maxChannels: number | null, };

export type TransceiverState = { 
/**
 * Id.
 */
id: number, 
/**
 * Kind.
 */
kind: Kind, 
/**
 * Absent until a description is set.
 */
mid: string | null, 
/**
 * Wanted.
 */
direction: Direction, 
/**
 * Negotiated.
 */
currentDirection: Direction | null, 
/**
 * Host's id of the receiver's track (exists from creation on).
 */
receiverTrack: number, 
/**
 * Codecs negotiated, preferred first.
 */
codecs: Array<Codec>, 
/**
 * Header extensions negotiated.
 */
headerExtensions: Array<HeaderExtension>, };
