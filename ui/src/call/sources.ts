import type { InputRole, TrackSource } from './model';

export const SOURCES = ['microphone', 'camera', 'screen', 'screen-audio'] as const;
/** Those that a device gives which the user opens and closes. */
export const INPUTS = ['microphone', 'camera'] as const;

export const isInput = (source: TrackSource): source is InputRole =>
  source === 'microphone' || source === 'camera';

/** Whether the webview can share a screen. */
export function captures(): boolean {
  const { mediaDevices } = navigator as Partial<Navigator>;
  return mediaDevices !== undefined && 'getDisplayMedia' in mediaDevices;
}
