import { expect, it } from 'vitest';

import { find, identities, pass, type Lack, type Scene } from './scene';

/** What of a call shows that its provider does without something. */
const SHOWN: Readonly<Record<Lack, (scene: Scene) => Promise<void>>> = {
  'mute apart from unpublishing': async (scene) => {
    const call = await scene.join();
    await call.enable('microphone', false);
    await pass();
    expect(scene.other.sent('microphone')).toBe('nothing');
  },
  'lost connections of others': async (scene) => {
    scene.other.arrive('bo');
    const call = await scene.join();
    scene.other.quality('bo', 'lost');
    expect(find(call, 'bo').quality).toBe('unknown');
  },
  'a right to write': async (scene) => {
    const call = await scene.join();
    await scene.other.permit([], false);
    expect(call.rights.chat).toBeUndefined();
    await call.sendMessage('hello');
    expect(scene.other.messages).toEqual(['hello']);
  },
  'private messages': async (scene) => {
    scene.other.arrive('bo');
    const call = await scene.join();
    expect(call.rights['write-privately']).toBe('provider');
    const psst = call.sendMessage('psst', { to: find(call, 'bo') });
    await expect(psst).rejects.toMatchObject({ code: 'action-refused' });
    expect(scene.other.messages).toEqual([]);
  },
  files: async (scene) => {
    const call = await scene.join();
    expect(call.rights['send-files']).toBe('provider');
    const sent = call.sendFile(new File(['tea'], 'tea.txt'));
    await expect(sent).rejects.toMatchObject({ code: 'action-refused' });
    expect(call.messages).toEqual([]);
  },
  'a right to raise a hand': async (scene) => {
    const call = await scene.join();
    await scene.other.permit([], true, false);
    expect(call.rights['raise-hand']).toBeUndefined();
    await call.raiseHand(true);
    expect(scene.other.ownHand).toBeDefined();
  },
  'asking to switch on': async (scene) => {
    const call = await scene.join();
    await scene.other.host('microphone', true);
    await scene.other.host('microphone', false);
    await pass();
    expect(call.asked).toEqual([]);
    expect(scene.other.sent('microphone')).toBe('nothing');
  },
  'requests for permissions': async (scene) => {
    scene.other.arrive('bo');
    const call = await scene.join();
    expect(call.rights['permit-others']).toBe('provider');
    const request = { participant: find(call, 'bo'), source: 'camera' } as const;
    await expect(call.answer(request, true)).rejects.toMatchObject({ code: 'action-refused' });
  },
  'one connection for each user': async (scene) => {
    scene.other.arrive('bo');
    scene.other.arrive('bo');
    const call = await scene.join();
    expect(identities(call.participants)).toEqual(['me', 'bo', 'bo']);
    expect(new Set(call.participants.map(({ id }) => id)).size).toBe(3);
  },
  'moderation by participants': async (scene) => {
    scene.other.arrive('bo');
    const call = await scene.join();
    const bo = find(call, 'bo');
    const actions = {
      'mute-others': () => call.mute(bo, 'microphone'),
      'remove-others': () => call.remove(bo),
      record: () => call.record(true),
      caption: () => call.caption(true),
      'end-for-all': () => call.endForAll(),
    } as const;
    for (const [action, act] of Object.entries(actions)) {
      expect(call.rights[action as keyof typeof actions]).toBe('provider');
      await expect(act()).rejects.toMatchObject({ code: 'action-refused' });
    }
    expect(call.state.kind).toBe('connected');
  },
};

/** A test that a provider leaves out stands for one here: that it does without is no guess. */
export function lacking(scene: Scene, lacks: readonly Lack[]): void {
  if (lacks.length > 0)
    it.each(lacks)('does without %s, and says so', (lack) => SHOWN[lack](scene));
}
