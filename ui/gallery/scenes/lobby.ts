import { meetingSession, sessionsState } from '../../tests/support/standIns';
import type { Scene } from '../scene';
import type { Stage } from '../stage';

const JOIN = '[data-testid=lobby-join]';
const CAMERA = '[data-testid=lobby-camera]';
const MICROPHONE = '[data-testid=lobby-mic]';
/** Longer than silence is taken for a pause, milliseconds. */
const SILENCE = 7_000;

const session = meetingSession('a', { title: 'Tea time', otherParty: 'Bruno Keller' });
/** The backend has asked two people to the meeting. */
const asked = (stage: Stage): Promise<void> => stage.lobby({ session: session.id });

/** A device is switched on again, and another program has it by then. */
async function taken(stage: Stage, id: string, control: string, code: string): Promise<void> {
  await stage.press(control);
  stage.hardware.occupied.add(id);
  await stage.press(control);
  await stage.shown(`[data-code=${code}]`);
}

/** What stands in the way into the meeting. */
async function wayBarred(stage: Stage): Promise<void> {
  const expired = Object.assign(new Error(), { code: 'token-expired', detail: '' });
  stage.program.fetchToken.mockRejectedValueOnce(expired);
  await stage.press('[data-testid=lobby-check]');
  await stage.seen('.notices [data-testid=error]');
}

/** All that can come and go in a lobby, one after the other. */
async function comings(stage: Stage): Promise<void> {
  const { hardware, program } = stage;
  // Other letters are as wide as others.
  await document.fonts.ready;
  await stage.seen(JOIN);
  await stage.unmoved('the other party', async () => {
    program.tell('sessions', sessionsState([session]));
    await stage.shown('.whom span');
  });
  await stage.unmoved('a silent microphone', async () => {
    hardware.hush(true);
    await stage.shown('[data-testid=lobby-meter][data-level="0.00"]');
    await stage.pass(SILENCE);
    await stage.seen('.hint.said');
  });
  await stage.unmoved('sound', async () => {
    hardware.hush(false);
    await stage.gone('.hint.said');
  });
  await stage.unmoved('a headset', () => hardware.plug('audioinput', 'other', 'Another one'));
  await stage.unmoved('a camera that is taken', async () => {
    await taken(stage, 'cam', CAMERA, 'camera-busy');
    await stage.seen('[data-code=camera-busy]');
  });
  await stage.unmoved('a microphone that is taken', () =>
    taken(stage, 'mic', MICROPHONE, 'microphone-busy'),
  );
  await stage.unmoved('what bars the way', () => wayBarred(stage));
  await stage.press('.notices [data-testid=error] .icon');
  await stage.unmoved('a free way', async () => {
    await stage.press('[data-testid=lobby-check]');
    await stage.gone('[data-testid=lobby-check]:disabled');
  });
  await wayBarred(stage);
  await stage.unmoved('joining in vain', async () => {
    const nobody = Object.assign(new Error(), { code: 'backend-unreachable-dns', detail: '' });
    program.fetchToken.mockRejectedValueOnce(nobody);
    await stage.press(JOIN);
    await stage.seen('[data-code=backend-unreachable-dns]');
  });
  await stage.seen(JOIN);
  await stage.unmoved('what is over', async () => {
    for (let notices = 2; notices > 0; notices -= 1)
      await stage.press('.notices [data-testid=error] .icon');
    await stage.gone('.notices [data-testid=error]');
    hardware.occupied.clear();
    await stage.press('[data-code=camera-busy] .link');
    await stage.gone('[data-code=camera-busy]');
    await stage.press('[data-code=microphone-busy] .link');
    await stage.gone('[data-code=microphone-busy]');
  });
  await stage.unmoved('a name that is not there', () => stage.type('[data-testid=lobby-name]', ''));
  await stage.unmoved('a name', () => stage.type('[data-testid=lobby-name]', 'Dana'));
  await stage.seen(JOIN);
}

export const inTheLobby: readonly Scene[] = [
  {
    name: 'lobby',
    async play(stage) {
      await asked(stage);
      await comings(stage);
    },
  },
  {
    name: 'lobby-camera-off',
    async play(stage) {
      await stage.lobby();
      await stage.press(CAMERA);
    },
  },
  {
    name: 'lobby-camera-taken',
    async play(stage) {
      await stage.lobby();
      await taken(stage, 'cam', CAMERA, 'camera-busy');
      await wayBarred(stage);
    },
  },
];
