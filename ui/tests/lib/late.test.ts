import { expect, it, vi } from 'vitest';

import { Late } from '../../src/lib/late.svelte';

it('what comes later is fetched once, when it is wanted', async () => {
  const fetch = vi.fn(() => Promise.resolve({ default: 'a part' }));
  const late = new Late(fetch);
  expect(fetch).not.toHaveBeenCalled();
  expect(late.part).toBeUndefined();
  await late.load();
  await late.load();
  expect(late.part).toBe('a part');
  expect(fetch).toHaveBeenCalledOnce();
});

it('what cannot be had is told as what it is, and tried again', async () => {
  const fetch = vi.fn(() => Promise.resolve({ default: 'a part' }));
  fetch.mockRejectedValueOnce(new TypeError('Importing a module script failed.'));
  const late = new Late(fetch);
  await expect(late.load()).rejects.toMatchObject({
    code: 'part-not-loaded',
    detail: 'Importing a module script failed.',
  });
  expect(late.part).toBeUndefined();
  await late.load();
  expect(late.part).toBe('a part');
});
