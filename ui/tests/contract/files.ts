import { describe, expect } from 'vitest';

import { LARGEST_FILE } from '../../src/call/files';
import type { Call, FileState } from '../../src/call/model';
import { find, pass, type Scene } from './scene';

const offer = { name: 'plan.txt', size: 6, type: 'text/plain' };
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** Parts that come when a test says so. */
class Parts implements AsyncIterable<Uint8Array> {
  #give: (result: IteratorResult<Uint8Array>) => void = () => undefined;
  #break: (thrown: Error) => void = () => undefined;

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          this.#give = resolve;
          this.#break = reject;
        }),
    };
  }

  async give(part: Uint8Array): Promise<void> {
    this.#give({ done: false, value: part });
    await pass(200);
  }

  async end(): Promise<void> {
    this.#give({ done: true, value: undefined });
    await pass(200);
  }

  async breaks(): Promise<void> {
    this.#break(new Error('disconnected in the middle of sending data'));
    await pass(200);
  }
}

const fileOf = (call: Call, at = 0): FileState | undefined => call.messages[at]?.file;

/** Files in the chat, of whoever has them. */
export function files(scene: Scene): void {
  const where = scene.where('files');
  const offered = async (): Promise<Call> => {
    scene.other.arrive('bo', 'Bo');
    const call = await scene.join();
    scene.other.say('bo', '📎 plan.txt', { key: 'k1', file: offer });
    await pass(1_000);
    return call;
  };

  describe('a file of somebody else', () => {
    where('is offered, and nothing of it comes before it is asked for', async () => {
      const call = await offered();
      expect(fileOf(call)).toMatchObject({ ...offer, state: 'offered', received: 0 });
      expect(scene.other.fileWords).toEqual([]);
      // What comes unasked is kept nowhere.
      const unasked = new Parts();
      scene.other.sendFile('bo', 'k1', unasked);
      await unasked.give(bytes(1, 2, 3, 4, 5, 6));
      await unasked.end();
      expect(fileOf(call)).toMatchObject({ state: 'offered', received: 0, content: undefined });
    });

    where('comes once it was asked for, and is seen to', async () => {
      const call = await offered();
      const fetched = call.fetchFile(0);
      await pass(200);
      expect(scene.other.fileWords).toEqual([{ kind: 'ask', key: 'k1', to: 'bo' }]);
      const parts = new Parts();
      scene.other.sendFile('bo', 'k1', parts);
      await parts.give(bytes(1, 2, 3, 4));
      expect(fileOf(call)).toMatchObject({ state: 'arriving', received: 4 });
      await parts.give(bytes(5, 6));
      await parts.end();
      await fetched;
      const file = fileOf(call);
      expect(file).toMatchObject({ state: 'here', received: 6 });
      expect(file?.content?.type).toBe('text/plain');
      const content = new Uint8Array((await file?.content?.arrayBuffer()) ?? new ArrayBuffer(0));
      expect([...content]).toEqual([1, 2, 3, 4, 5, 6]);
      // It is here: there is nothing more to ask for.
      await call.fetchFile(0);
      expect(scene.other.fileWords).toHaveLength(1);
    });

    where('that is cancelled comes no further, and can be asked for again', async () => {
      const call = await offered();
      const fetched = call.fetchFile(0);
      await pass(200);
      const parts = new Parts();
      scene.other.sendFile('bo', 'k1', parts);
      await parts.give(bytes(1, 2, 3));
      await call.cancelFile(0);
      await fetched;
      await pass(200);
      expect(fileOf(call)).toMatchObject({ state: 'offered', received: 0 });
      expect(scene.other.fileWords.at(-1)).toEqual({ kind: 'stop', key: 'k1', to: 'bo' });
      await parts.give(bytes(4, 5, 6));
      await parts.end();
      expect(fileOf(call)).toMatchObject({ state: 'offered', content: undefined });
      void call.fetchFile(0);
      await pass(200);
      expect(fileOf(call)?.state).toBe('arriving');
    });

    where('that breaks off, is short or is longer than it was said to be has failed', async () => {
      const call = await offered();
      for (const fail of [
        (parts: Parts) => parts.breaks(),
        (parts: Parts) => parts.end(),
        (parts: Parts) => parts.give(bytes(3, 4, 5, 6, 7)),
      ]) {
        const fetched = call.fetchFile(0);
        await pass(200);
        const parts = new Parts();
        scene.other.sendFile('bo', 'k1', parts);
        await parts.give(bytes(1, 2));
        await fail(parts);
        await fetched;
        await pass(200);
        expect(fileOf(call)).toMatchObject({ state: 'failed', content: undefined });
      }
    });

    where('is gone with whoever has it, and once they say so', async () => {
      const call = await offered();
      scene.other.say('bo', '📎 other', { key: 'k2', file: offer });
      await pass(1_000);
      scene.other.sayOfFile('bo', { kind: 'gone', key: 'k2' });
      await pass(1_000);
      expect(fileOf(call, 1)?.state).toBe('gone');
      const fetched = call.fetchFile(0);
      await pass(200);
      scene.other.depart('bo');
      await pass(60_000);
      await fetched;
      expect(fileOf(call)?.state).toBe('gone');
    });

    where('fails with the connection', async () => {
      const call = await offered();
      const fetched = call.fetchFile(0);
      await pass(200);
      scene.other.breakOff();
      await fetched;
      await pass(10_000);
      expect(fileOf(call)?.state).toBe('failed');
    });

    where('is none where what is said of it makes no sense', async () => {
      const call = await offered();
      for (const size of [0, -1, 0.5, LARGEST_FILE + 1, Number.NaN])
        scene.other.say('bo', 'x', { key: `size ${size}`, file: { ...offer, size } });
      await pass(1_000);
      expect(call.messages).toHaveLength(6);
      expect(call.messages.slice(1).every(({ file }) => file === undefined)).toBe(true);
    });
  });

  describe('a file of one’s own', () => {
    const own = (text = 'tea for two'): File => new File([text], 'tea.txt', { type: 'text/plain' });

    where('is offered to all, and sent to who asks alone', async () => {
      scene.other.arrive('bo', 'Bo');
      scene.other.arrive('cy', 'Cy');
      const call = await scene.join();
      await call.sendFile(own('a'.repeat(150_000)));
      const [message] = call.messages;
      expect(message).toMatchObject({ local: true, delivery: 'sent', file: { state: 'offered' } });
      const key = message?.key ?? '';
      expect(scene.other.written).toMatchObject([
        { key, text: '📎 tea.txt', file: { name: 'tea.txt', size: 150_000, type: 'text/plain' } },
      ]);
      expect(scene.other.files).toEqual([]);
      scene.other.sayOfFile('bo', { kind: 'ask', key });
      await expect
        .poll(async () => {
          await pass(10);
          return scene.other.files.map(({ to, closed }) => [to, closed]);
        })
        .toEqual([['bo', true]]);
      const [sent] = scene.other.files;
      expect(sent?.parts.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(150_000);
      await pass(200);
      expect(fileOf(call)?.sending).toBe(0);
    });

    where('that somebody wants no longer, and then again, comes from its beginning', async () => {
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      await call.sendFile(own('a'.repeat(150_000)));
      const key = call.messages[0]?.key ?? '';
      for (const kind of ['ask', 'stop', 'ask'] as const)
        scene.other.sayOfFile('bo', { kind, key });
      const length = (parts: readonly Uint8Array[]): number =>
        parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      await expect
        .poll(async () => {
          await pass(10);
          const { parts = [], closed = false } = scene.other.files.at(-1) ?? {};
          return closed && length(parts);
        })
        .toBe(150_000);
    });

    where('that is withdrawn is sent to nobody any more, and all are told', async () => {
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      await call.sendFile(own());
      const key = call.messages[0]?.key ?? '';
      await call.cancelFile(0);
      await pass(200);
      expect(fileOf(call)).toMatchObject({ state: 'gone', content: undefined });
      scene.other.sayOfFile('bo', { kind: 'ask', key });
      await pass(200);
      expect(scene.other.fileWords).toEqual([
        { kind: 'gone', key, to: undefined },
        { kind: 'gone', key, to: 'bo' },
      ]);
      expect(scene.other.files).toEqual([]);
    });

    where('that nobody knows of cannot be asked for', async () => {
      scene.other.arrive('bo', 'Bo');
      await scene.join();
      scene.other.sayOfFile('bo', { kind: 'ask', key: 'nothing' });
      await pass(200);
      expect(scene.other.fileWords).toEqual([{ kind: 'gone', key: 'nothing', to: 'bo' }]);
      expect(scene.other.files).toEqual([]);
    });

    where('may not be sent without the right to write, nor what is empty', async () => {
      const call = await scene.join();
      await expect(call.sendFile(own(''))).rejects.toMatchObject({ code: 'internal' });
      await scene.other.permit([], false);
      expect(call.rights['send-files']).toBe('grant');
      await expect(call.sendFile(own())).rejects.toMatchObject({ code: 'action-refused' });
      expect(call.messages).toEqual([]);
    });

    where('for one is offered to them alone', async () => {
      scene.other.arrive('bo', 'Bo');
      scene.other.arrive('cy', 'Cy');
      const call = await scene.join();
      await call.sendFile(own(), { to: find(call, 'bo') });
      expect(scene.other.written).toMatchObject([{ to: 'bo', file: { name: 'tea.txt' } }]);
      const key = call.messages[0]?.key ?? '';
      scene.other.sayOfFile('cy', { kind: 'ask', key });
      await pass(200);
      expect(scene.other.fileWords).toEqual([{ kind: 'gone', key, to: 'cy' }]);
      expect(scene.other.files).toEqual([]);
    });
  });
}
