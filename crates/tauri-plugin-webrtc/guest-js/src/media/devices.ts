/** `navigator.mediaDevices` (W3C mediacapture-main, section 9). */
import { defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import { host } from '../transport';
import type { DeviceInfo } from '../wire';
import { copyConstraints, supportedConstraints, toWire } from './constraints';
import { getDisplayMedia } from './display';
import { MediaStream } from './stream';
import { localTrack } from './track';

export class MediaDeviceInfo {
  readonly deviceId: string;
  readonly groupId: string;
  readonly kind: MediaDeviceKind;
  readonly label: string;

  constructor(info: DeviceInfo) {
    this.deviceId = info.deviceId;
    this.groupId = info.groupId;
    this.kind = info.kind as MediaDeviceKind;
    this.label = info.label;
  }

  toJSON(): DeviceInfo {
    const { deviceId, groupId, kind, label } = this;
    return { deviceId, groupId, kind, label };
  }
}
nameInterface(MediaDeviceInfo, 'MediaDeviceInfo');

export class MediaDevices extends EventTarget {
  declare ondevicechange: EventHandler;

  constructor() {
    super();
    host().onDeviceChange(() => this.dispatchEvent(new Event('devicechange')));
  }

  override addEventListener(...listener: Parameters<EventTarget['addEventListener']>): void {
    if (listener[0] === 'devicechange') host().open();
    super.addEventListener(...listener);
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    const devices = await host().request({ op: 'enumerateDevices' });
    return devices.map((device) => new MediaDeviceInfo(device));
  }

  getSupportedConstraints(): MediaTrackSupportedConstraints {
    return supportedConstraints();
  }

  getDisplayMedia(options: DisplayMediaStreamOptions = {}): Promise<MediaStream> {
    return getDisplayMedia(this, options);
  }

  async getUserMedia(constraints: MediaStreamConstraints = {}): Promise<MediaStream> {
    const { audio, video } = constraints;
    if (!audio && !video) throw new TypeError('audio or video has to be asked for');
    const tracks = await host().request({
      op: 'getUserMedia',
      audio: audio ? toWire(audio) : null,
      video: video ? toWire(video) : null,
    });
    return new MediaStream(
      tracks.map((track) => {
        const wanted = track.kind === 'audio' ? audio : video;
        const own = typeof wanted === 'object' ? copyConstraints(wanted) : {};
        return localTrack(track, own).track;
      }),
    );
  }
}
defineHandlers(MediaDevices.prototype, ['devicechange']);
nameInterface(MediaDevices, 'MediaDevices');
