import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Captions, type Spoken } from '../../src/call/captions';
import { Scope } from '../../src/call/scope';

let told: ReturnType<typeof vi.fn<() => void>>;
let scope: Scope;
let captions: Captions;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  told = vi.fn<() => void>();
  scope = new Scope();
  captions = new Captions(told, scope);
});
afterEach(() => {
  scope.end();
  vi.useRealTimers();
});

const said = (text: string, more: Partial<Spoken> = {}): void =>
  captions.heard({
    identity: 'bo',
    name: 'Bo',
    local: false,
    segment: text,
    text,
    final: true,
    ...more,
  });
const texts = (): string[] => captions.all.map(({ text }) => text);

describe('what is said', () => {
  it('gives way to what comes after it, until it is final', () => {
    said('I', { segment: 's', final: false });
    said('no', { identity: 'cy', name: 'Cy' });
    vi.setSystemTime(2_000);
    said('I sea', { segment: 's', final: false });
    expect(captions.all).toEqual([
      { id: 0, from: 'Bo', local: false, text: 'I sea', interim: true, at: 1_000, changed: 2_000 },
      { id: 1, from: 'Cy', local: false, text: 'no', interim: false, at: 1_000, changed: 1_000 },
    ]);
    said('I see.', { segment: 's' });
    said('I seem', { segment: 's', final: false });
    said('I seem.', { segment: 's' });
    expect(captions.all[0]).toMatchObject({ text: 'I see.', interim: false });
    expect(texts()).toEqual(['I see.', 'no']);
  });

  it('is another segment with each speaker, whatever they call it', () => {
    said('one', { segment: 's', final: false });
    said('two', { segment: 's', identity: 'cy', name: '' });
    expect(captions.all.map(({ from, text }) => [from, text])).toEqual([
      ['Bo', 'one'],
      ['cy', 'two'],
    ]);
  });

  it('is one line in its own order, and is cut', () => {
    said('\u202eone\n\n\u0007two\t ', { name: '\u202eBo\nBo' });
    expect(captions.all[0]).toMatchObject({ from: 'Bo Bo', text: 'one two' });
    said('x'.repeat(100_000), { segment: 'long' });
    expect(texts()[1]).toBe(`${'x'.repeat(2_000)}…`);
  });

  it('is not shown as long as there is nothing to read', () => {
    said('', { segment: 's', final: false });
    said(' \n', { segment: 't' });
    expect(texts()).toEqual([]);
    said('now', { segment: 's', final: false });
    expect(texts()).toEqual(['now']);
  });

  it('is withdrawn as long as it is not final', () => {
    said('one', { segment: 's', final: false });
    said('two');
    captions.withdraw('bo', 's');
    captions.withdraw('bo', 'two');
    captions.withdraw('cy', 'three');
    expect(texts()).toEqual(['two']);
    said('one more', { segment: 's' });
    expect(texts()).toEqual(['two']);
  });

  it('counts for nothing under a name that is none', () => {
    said('one', { segment: 'x'.repeat(101) });
    expect(texts()).toEqual([]);
  });
});

describe('whoever floods the captions', () => {
  it('fills no memory, and keeps nobody else from being read', async () => {
    for (let ms = 0; ms < 600_000; ms += 100) {
      for (let count = 0; count < 5; count += 1)
        said('x'.repeat(2_000), { segment: `${ms} ${count}`, final: count % 2 === 0 });
      await vi.advanceTimersByTimeAsync(100);
    }
    const characters = texts().reduce((sum, text) => sum + text.length, 0);
    expect(characters).toBeLessThanOrEqual(300_000);
    expect(captions.all.length).toBeLessThanOrEqual(500);
    said('hello', { identity: 'cy' });
    expect(texts().at(-1)).toBe('hello');
  });

  it('with one text that changes all the time keeps the page no busier than others', async () => {
    const words = 'word '.repeat(300);
    for (let count = 0; count < 10_000; count += 1) {
      said(words.slice(0, count % words.length), { segment: 's', final: false });
      if (count % 100 === 0) await vi.advanceTimersByTimeAsync(10);
    }
    said('The end.', { segment: 's' });
    await vi.advanceTimersByTimeAsync(100);
    expect(texts()).toEqual(['The end.']);
    expect(told.mock.calls.length).toBeLessThanOrEqual(13);
  });

  it('with segments that never end has only the newest kept', async () => {
    for (let count = 0; count < 700; count += 1) {
      said(`${count}`, { final: false });
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(captions.all).toHaveLength(500);
    expect(captions.all[0]).toMatchObject({ id: 200, text: '200' });
    // What is no longer kept is not known any more either.
    said('0 again', { segment: '0' });
    expect(texts().at(-1)).toBe('0 again');
  });
});

it('is told to nobody after the call', async () => {
  said('one');
  said('two');
  scope.end();
  said('three');
  await vi.advanceTimersByTimeAsync(1_000);
  expect([vi.getTimerCount(), texts(), told.mock.calls.length]).toEqual([0, ['one', 'two'], 1]);
});
