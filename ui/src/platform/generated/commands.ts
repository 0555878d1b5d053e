// Generated from src-tauri by `./x types`. Do not edit.

export type Code = "token-not-jwt" | "token-expired" | "token-not-yet-valid" | "token-grants-missing" | "token-grants-empty" | "token-room-missing" | "token-other-room" | "token-identity-missing" | "token-identity-mismatch" | "token-other-kind" | "token-wrong-algorithm" | "token-issuer-missing" | "token-key-unknown" | "token-signature-wrong" | "token-publish-missing" | "token-endless" | "backend-unreachable-dns" | "backend-unreachable-refused" | "backend-unreachable-tls" | "backend-timeout" | "backend-error" | "backend-answer-not-json" | "backend-answer-no-token" | "backend-answer-too-large" | "backend-not-signed-in" | "backend-rate-limited" | "backend-insecure" | "server-unreachable-dns" | "server-unreachable-refused" | "server-unreachable-tls" | "server-timeout" | "server-refused" | "clock-skew" | "link-invalid" | "link-server-not-allowed" | "room-name-invalid" | "dev-mode-off" | "dev-secret-missing" | "internal";

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
 * The user's name; empty: as last time.
 */
displayName: string, 
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
 * Painting path.
 */
paintPath: PaintPath, };

export type Provider = "livekit";

export type Source = "dev" | "livekit-meetings";

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
 * The media server.
 */
serverUrl: string, 
/**
 * Where its token comes from.
 */
source: Source, };

export type MeetingToken = { 
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
