// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Flow } from '../../src/call/model';
import { Scope } from '../../src/call/scope';
import { LOOK_EVERY, StatisticsPoll } from '../../src/call/statisticsPoll';
import QualityGlance from '../../src/components/QualityGlance.svelte';
import { KEPT } from '../../src/room/qualityLog.svelte';
import { speak, t } from '../../src/words/language.svelte';
import { broken, fillIn, show } from './show';
import { measurement, ShownCall, someone, statistics } from '../support/standIns';

beforeEach(() => {
  fillIn();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => vi.useRealTimers());

const flow = (more: Partial<Flow> = {}): Flow => ({
  direction: 'received',
  participant: 'of amina',
  kind: 'video',
  codec: 'VP8',
  bitsPerSecond: 812_000,
  lossPercent: 0.4,
  jitterMs: 4,
  delayMs: 62,
  width: 640,
  height: 360,
  framesPerSecond: 30,
  layers: [],
  ...more,
});

/** Of a hundred packets between two looks so many are lost. */
interface Going {
  readonly roundTripMs: number;
  readonly lost: number;
  readonly flows?: readonly Flow[];
}

async function glance({ roundTripMs, lost, flows = [flow()] }: Going) {
  const call = new ShownCall();
  call.participants = [someone('dana', { local: true }), someone('amina', { name: 'Amina' })];
  let looks = 0;
  call.statistics.mockImplementation(() => {
    looks += 1;
    const counts = { packetsReceived: looks * (100 - lost), packetsLost: looks * lost };
    const totals = measurement({ roundTripMs, ...counts, freezes: 1, frozenMs: 80 });
    const now = measurement({ roundTripMs, packetsReceived: 100 - lost, packetsLost: lost });
    return Promise.resolve({ ...statistics(totals), now, flows });
  });
  const life = new Scope();
  const { unmount } = show(QualityGlance, { call, poll: new StatisticsPoll(call, life) });
  await look();
  return { call, life, unmount };
}

/** Time goes on, and what was asked for is answered. */
async function look(times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await vi.advanceTimersByTimeAsync(LOOK_EVERY);
    await tick();
  }
}

const button = () => screen.getByTestId('quality-glance');

describe('the quality of a call', () => {
  it.each([
    [40, 0, 'good', 'Your connection is good.'],
    [240, 0, 'fair', 'Your connection is fair: answers take long.'],
    [40, 8, 'poor', 'Your connection is poor: parts of what is sent get lost.'],
    [500, 8, 'poor', 'answers take long, and parts of what is sent get lost.'],
  ])('is told at a glance: %d ms, %d %% lost', async (roundTripMs, lost, verdict, words) => {
    await glance({ roundTripMs, lost });
    expect(button().dataset.verdict).toBe(verdict);
    expect(button().getAttribute('aria-label')).toContain(words);
    expect(await broken()).toEqual([]);
  });

  it('is shown in all its parts, and breaks no rule of accessibility', async () => {
    const layers = [
      { name: 'q', bitsPerSecond: 150_000, width: 320, height: 180, framesPerSecond: 15 },
      { name: 'f', bitsPerSecond: 1_700_000, width: 1280, height: 720, framesPerSecond: 30 },
    ];
    const own = flow({ direction: 'sent', participant: undefined, layers, delayMs: undefined });
    await glance({ roundTripMs: 42, lost: 0, flows: [flow(), own] });
    await userEvent.setup().click(button());
    const dialog = within(await screen.findByRole('dialog'));
    const rows = dialog.getAllByTestId('flow').map(({ textContent }) => textContent);
    expect(rows[0]).toMatch(
      /Amina, picture.*VP8.*640 × 360, 30\/s.*812 kbit\/s.*0.4 %.*4 ms.*62 ms/,
    );
    expect(rows[1]).toMatch(
      /You, picture.*q 320 × 180, 15\/s 150 kbit\/s.*f 1280 × 720.*1.7 Mbit\/s/,
    );
    expect(dialog.getByRole('img', { name: 'Round trip in the last minutes, at most 42 ms' }));
    expect(await broken()).toEqual([]);
  });

  it('is kept for the last minutes, and no longer looked at when the call is over', async () => {
    const { call, life, unmount } = await glance({ roundTripMs: 42, lost: 0 });
    await userEvent.setup().click(button());
    await look(KEPT + 20);
    const line = document.querySelector('polyline')?.getAttribute('points')?.split(' ') ?? [];
    expect(line).toHaveLength(KEPT);
    unmount();
    life.end();
    const { length } = call.statistics.mock.calls;
    await look(3);
    expect(call.statistics.mock.calls).toHaveLength(length);
  });

  it('can be copied without saying who was there', async () => {
    const user = userEvent.setup();
    await glance({ roundTripMs: 42, lost: 1 });
    await user.click(button());
    await user.click(await screen.findByRole('button', { name: 'Copy a report without names' }));
    expect((await screen.findByText('Copied')).textContent).toBe('Copied');
    const report = await navigator.clipboard.readText();
    expect(report).toContain('Round trip 42 ms, loss 1.0 %');
    expect(report).toContain('Participant 2, picture: VP8, 640 × 360, 30/s, 812 kbit/s');
    expect(report).not.toMatch(/amina|dana/i);
  });

  it('is reported in English, whatever the user reads', async () => {
    await speak('ar');
    const user = userEvent.setup();
    const flows = [flow(), flow({ direction: 'sent', kind: 'audio', bitsPerSecond: 2_400_000 })];
    await glance({ roundTripMs: 900, lost: 10, flows });
    await user.click(button());
    await user.click(await screen.findByRole('button', { name: t('quality-copy') }));
    await screen.findByText(t('quality-copied'));
    const report = await navigator.clipboard.readText();
    await speak('en');
    expect(report).toContain('You, sound: VP8, 2.4 Mbit/s');
    expect(report.replaceAll(/[×–]/g, '')).toMatch(/^[\n -~]+$/);
  });
});
