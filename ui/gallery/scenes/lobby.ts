import type { Scene } from '../scene';

export const inTheLobby: readonly Scene[] = [
  { name: 'lobby', play: (stage) => stage.lobby() },
  {
    name: 'lobby-camera-off',
    async play(stage) {
      await stage.lobby();
      await stage.press('[data-testid=lobby-camera]');
    },
  },
  {
    name: 'lobby-camera-taken',
    async play(stage) {
      stage.hardware.occupied.add('cam');
      await stage.lobby();
      await stage.shown('[data-code=camera-busy]');
    },
  },
];
