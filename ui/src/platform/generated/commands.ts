// Generated from src-tauri by `./x types`. Do not edit.

export type Code = "token-not-jwt" | "token-expired" | "token-not-yet-valid" | "token-grants-missing" | "token-grants-empty" | "token-room-missing" | "token-other-room" | "token-identity-missing" | "token-identity-mismatch" | "token-other-kind" | "token-wrong-algorithm" | "token-issuer-missing" | "token-key-unknown" | "token-signature-wrong" | "token-publish-missing" | "token-endless" | "backend-unreachable-dns" | "backend-unreachable-refused" | "backend-unreachable-tls" | "backend-unreachable-proxy" | "backend-timeout" | "backend-error" | "backend-answer-not-json" | "backend-answer-no-token" | "backend-answer-too-large" | "backend-not-signed-in" | "backend-rate-limited" | "backend-insecure" | "backend-endpoint-missing" | "sign-in-expired" | "sign-in-failed" | "sign-in-cancelled" | "sign-in-not-asked" | "sign-out-not-told" | "credential-invalid" | "keyring-missing" | "keyring-locked" | "keyring-not-erased" | "profile-invalid" | "profile-unknown" | "provider-missing" | "meeting-completed" | "meeting-cancelled" | "meeting-not-found" | "media-blocked" | "media-udp-blocked" | "server-unreachable-dns" | "server-unreachable-refused" | "server-unreachable-tls" | "server-unreachable-proxy" | "server-timeout" | "server-refused" | "server-error" | "server-missing" | "server-not-allowed" | "server-needs-dev-mode" | "stream-key-missing" | "clock-skew" | "link-invalid" | "link-server-not-allowed" | "link-other-site" | "room-name-invalid" | "dev-mode-off" | "dev-secret-missing" | "settings-invalid" | "settings-unknown-key" | "settings-locked" | "settings-not-saved" | "policy-invalid" | "history-unavailable" | "history-newer" | "history-damaged" | "history-export-failed" | "display-missing" | "update-unreachable" | "update-not-trusted" | "update-damaged" | "update-older" | "update-out-of-date" | "update-not-installed" | "update-off" | "update-in-call" | "update-by-system" | "webview-missing" | "internal";

export type Fault = { 
/**
 * What failed.
 */
code: Code, 
/**
 * What the other side said, or what is wrong, without secrets; may be empty.
 */
detail: string, };

export type PaintPath = "cpu" | "gpu" | "system";

export type Screen = "home" | "lobby" | "room";

export type StartAt = { 
/**
 * Link or room.
 */
room: string, 
/**
 * Screen.
 */
screen: Screen, };

export type AppInfo = { 
/**
 * Version.
 */
version: string, 
/**
 * Dev mode.
 */
devMode: boolean, 
/**
 * Absent: at home.
 */
startAt: StartAt | null, 
/**
 * What the page before this one left behind; absent: nothing.
 */
lost: Lost | null, 
/**
 * Painting path.
 */
paintPath: PaintPath, };

export type Provider = "livekit" | "stream";

export type Source = "dev" | "backend";

export type Meeting = { 
/**
 * Whose call it is.
 */
provider: Provider, 
/**
 * The room's name.
 */
room: string, 
/**
 * What to call it.
 */
title: string, 
/**
 * The media server; empty: the backend names it with the token, or the SDK knows it.
 */
serverUrl: string, 
/**
 * Where its token comes from.
 */
source: Source, 
/**
 * The backend's meeting session, if it is one.
 */
session: string | null, };

export type Lost = { 
/**
 * Its process died; otherwise it was loaded anew.
 */
died: boolean, 
/**
 * The meeting whose call it was in.
 */
meeting: HeldMeeting | null, };

export type HeldMeeting = { 
/**
 * What the page names it by.
 */
id: string, 
/**
 * Whose call it is.
 */
provider: Provider, 
/**
 * The room's name.
 */
room: string, 
/**
 * What to call it.
 */
title: string, 
/**
 * The media server; empty: the backend names it with the token, or the SDK knows it.
 */
serverUrl: string, 
/**
 * Where its token comes from.
 */
source: Source, 
/**
 * The backend's meeting session, if it is one.
 */
session: string | null, };

export type LiveKitGrant = { 
/**
 * The JWT.
 */
token: string, 
/**
 * Media server.
 */
serverUrl: string, 
/**
 * Who the user is there.
 */
identity: string, 
/**
 * The room it is for.
 */
room: string, };

export type StreamGrant = { 
/**
 * The JWT.
 */
token: string, 
/**
 * Public: says whose app it is.
 */
apiKey: string, 
/**
 * Whom to connect as.
 */
identity: string, 
/**
 * What the others call the user; empty: as the server knows them.
 */
name: string, 
/**
 * Type of the call.
 */
callType: string, 
/**
 * Id of the call.
 */
callId: string, 
/**
 * Makes the call where there is none yet.
 */
create: boolean, 
/**
 * The coordinator; absent: Stream's own.
 */
baseUrl?: string, };

export type JoinGrant = { "provider": "livekit" } & LiveKitGrant | { "provider": "stream" } & StreamGrant;

export type Severity = "info" | "warning" | "error";

export type TokenKind = "livekit" | "stream";

export type Grant = { 
/**
 * As the token names it.
 */
name: string, 
/**
 * Whether it is given.
 */
given: boolean, 
/**
 * What it means; empty for what is not known here.
 */
allows: string, };

export type Finding = { 
/**
 * Code.
 */
code: Code, 
/**
 * How bad it is.
 */
severity: Severity, 
/**
 * In plain words.
 */
sentence: string, 
/**
 * What to do next.
 */
next: string, 
/**
 * What was found, without secrets; may be empty.
 */
detail: string, };

export type Diagnosis = { 
/**
 * Nothing in it keeps its bearer out; whether the signature does, only the server knows.
 */
healthy: boolean, 
/**
 * Absent: it could not be read.
 */
kind: TokenKind | null, 
/**
 * How it is signed.
 */
algorithm: string | null, 
/**
 * The API key that it names.
 */
key: string | null, 
/**
 * Who it is for.
 */
identity: string | null, 
/**
 * What the others see.
 */
name: string | null, 
/**
 * The room it is for.
 */
room: string | null, 
/**
 * When it was made.
 */
issuedAt: number | null, 
/**
 * From when on it counts.
 */
notBefore: number | null, 
/**
 * Until when it counts.
 */
expiresAt: number | null, 
/**
 * Seconds that it has left; negative: it is over.
 */
secondsLeft: number | null, 
/**
 * LiveKit's grants.
 */
grants: Array<Grant>, 
/**
 * In the order in which a server meets them.
 */
findings: Array<Finding>, };

export type User = { 
/**
 * The backend's name for them; empty: not known.
 */
id: string, 
/**
 * What the others see; empty: not known.
 */
name: string, };

export type CredentialPlace = "keyring" | "memory";

export type SignInWays = { 
/**
 * Pasting a token or session.
 */
paste: boolean, 
/**
 * A link from the product's web site.
 */
link: boolean, 
/**
 * The system's browser.
 */
browser: boolean, };

export type BackendInfo = { 
/**
 * The profile's name.
 */
profile: string, 
/**
 * What the user sees.
 */
title: string, 
/**
 * The backend's host, with its port if it is not the usual one.
 */
host: string, };

export type AccountState = { 
/**
 * Absent: no backend is set.
 */
backend: BackendInfo | null, 
/**
 * Absent: nobody is signed in.
 */
user: User | null, 
/**
 * How one can sign in.
 */
ways: SignInWays, 
/**
 * Where the credential is kept, or would be.
 */
kept: CredentialPlace, 
/**
 * The browser has been opened and is waited for.
 */
waiting: boolean, 
/**
 * Why nobody is signed in any more, or why it is kept in memory only.
 */
fault: Fault | null, };

export type SessionStatus = "active" | "completed" | "cancelled";

export type Role = "requester" | "offerer";

export type MeetingSession = { 
/**
 * The backend's name for it.
 */
id: string, 
/**
 * The offer that was accepted.
 */
offerId: string, 
/**
 * The request that it was made for.
 */
requestId: string, 
/**
 * Who asked.
 */
requesterId: string, 
/**
 * Who offered.
 */
offererId: string, 
/**
 * The call's id: the media server's room.
 */
callId: string, 
/**
 * Where it is in its life.
 */
status: SessionStatus, 
/**
 * Milliseconds since 1970.
 */
createdAt: number, 
/**
 * Milliseconds since 1970.
 */
endedAt: number | null, 
/**
 * Title of the request.
 */
title: string, 
/**
 * Name of the other party.
 */
otherParty: string, 
/**
 * Which of the two the user is.
 */
role: Role, };

export type SessionsState = { 
/**
 * The active ones, newest first; absent: nothing was heard yet.
 */
sessions: Array<MeetingSession> | null, 
/**
 * Ids of those that ring now.
 */
ringing: Array<string>, 
/**
 * Ids of the last ones that rang until nobody waited any more, the newest last: neither answered nor
 * dismissed, be it here, outside of the page or on another device.
 */
missed: Array<string>, 
/**
 * Whether the ringtone is to be heard now.
 */
ringtone: boolean, 
/**
 * Ids of active ones that the user answered on another device, as far as the backend tells.
 */
answeredElsewhere: Array<string>, 
/**
 * Why the list may be old.
 */
fault: Fault | null, };

export type MeetingOver = { 
/**
 * The meeting session's id.
 */
session: string, 
/**
 * How it ended.
 */
status: SessionStatus, };

export type SettingKey = "profile" | "backend" | "server" | "stream_api_key" | "stream_call_type" | "stream_url" | "dev" | "allow_dev" | "name" | "ringtone" | "notifications" | "history" | "history_days" | "close_to_tray" | "start_muted" | "start_camera_off" | "close_when_muted" | "echo_cancellation" | "noise_suppression" | "auto_gain_control" | "fake_devices" | "fake_sound" | "profile_folders" | "updates" | "update_notice" | "update_channel" | "update_delay_days" | "update_url" | "language";

export type SettingLayer = "default" | "policy-default" | "user" | "environment" | "command-line" | "link" | "policy";

export type Applies = "now" | "restart";

export type Ignored = { 
/**
 * The value.
 */
value: boolean | number | string | string[] | null, 
/**
 * Layer that it comes from.
 */
layer: SettingLayer, 
/**
 * Where exactly.
 */
source: string, };

export type Explained = { 
/**
 * Name.
 */
key: SettingKey, 
/**
 * Value; null: not set.
 */
value: boolean | number | string | string[] | null, 
/**
 * Layer that it comes from.
 */
layer: SettingLayer, 
/**
 * Where exactly: layer, file and line, variable or option.
 */
source: string, 
/**
 * Only the administrator changes it.
 */
locked: boolean, 
/**
 * The page may change it.
 */
editable: boolean, 
/**
 * When a change counts.
 */
applies: Applies, 
/**
 * It was changed, and the app still runs with the former value.
 */
afterRestart: boolean, 
/**
 * What others wanted that the administrator does not allow.
 */
ignored: Array<Ignored>, };

export type SettingsReport = { 
/**
 * Each setting.
 */
settings: Array<Explained>, 
/**
 * What is wrong with the files, those of backend profiles among them, and with the
 * environment, and what was refused.
 */
problems: Array<Fault>, 
/**
 * The user's file, which may not be there yet; empty: there is no place for it.
 */
userFile: string, };

export type QualitySummary = { 
/**
 * How often the connection broke and came back.
 */
reconnections: number, 
/**
 * Median of the round-trip time to the media server, milliseconds.
 */
roundTripMs: number | null, 
/**
 * Of the packets that were to be received, those lost, percent.
 */
lossPercent: number | null, 
/**
 * Height of the largest picture received, pixels.
 */
receivedHeight: number | null, 
/**
 * How often a received picture froze (W3C webrtc-stats `freezeCount`).
 */
freezes: number | null, 
/**
 * How long all of that took, milliseconds (`totalFreezesDuration`).
 */
frozenMs: number | null, };

export type NewEntry = { 
/**
 * What the meeting is called.
 */
title: string, 
/**
 * The media server's room.
 */
room: string, 
/**
 * Whose call it is.
 */
provider: Provider, 
/**
 * Name of the backend's profile.
 */
profile: string | null, 
/**
 * The backend's meeting session.
 */
sessionId: string | null, 
/**
 * Milliseconds since 1970.
 */
startedAt: number, };

export type HistoryEntry = { 
/**
 * Never given twice.
 */
id: number, 
/**
 * What the meeting was called.
 */
title: string, 
/**
 * The media server's room.
 */
room: string, 
/**
 * Whose call it was.
 */
provider: Provider, 
/**
 * Name of the backend's profile.
 */
profile: string | null, 
/**
 * The backend's meeting session.
 */
sessionId: string | null, 
/**
 * Names of the others, in the order of their coming.
 */
participants: Array<string>, 
/**
 * Milliseconds since 1970.
 */
startedAt: number, 
/**
 * Milliseconds since 1970; absent: it is going on.
 */
endedAt: number | null, 
/**
 * A code of the page's table, such as `left`; absent: it is going on.
 */
endReason: string | null, 
/**
 * Absent: nothing was measured.
 */
quality: QualitySummary | null, };

export type HistoryCursor = { 
/**
 * Milliseconds since 1970.
 */
startedAt: number, 
/**
 * Of the entry.
 */
id: number, };

export type HistoryPage = { 
/**
 * Newest first.
 */
entries: Array<HistoryEntry>, 
/**
 * Where to go on; absent: that was all.
 */
next: HistoryCursor | null, 
/**
 * What happened to the history when it was opened.
 */
notice: Fault | null, };

export type ExportFormat = "csv" | "ics";
