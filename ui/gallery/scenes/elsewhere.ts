import { diagnosis, entry, quality } from '../../tests/support/standIns';
import type { SettingsReport } from '../../src/platform/platform';
import { FakeFile } from '../../tests/view/fakeSettings.svelte';
import type { Scene } from '../scene';
import type { Stage } from '../stage';

const HOUR = 3_600_000;

const past = () => [
  entry({ id: 3, title: 'Piano lesson', startedAt: Date.now() - HOUR, endedAt: Date.now() }),
  entry({
    id: 2,
    title: 'A garden in the shade',
    participants: ['Bruno Keller', 'Chloé Martin'],
    startedAt: Date.now() - 26 * HOUR,
    endedAt: Date.now() - 25 * HOUR,
    endReason: 'removed',
    quality: quality({ lossPercent: 4.2, freezes: 3, frozenMs: 4_200 }),
  }),
];

/** To one of the screens that home leads to. */
async function go(stage: Stage, name: RegExp): Promise<void> {
  await stage.home();
  await stage.click(name);
}

const DIAGNOSTICS = `Salon 1.2.3
System: Debian GNU/Linux 12 (bookworm), x86_64
Web view: 2.50.4
Desktop: GNOME, wayland

Settings
name          "(left out)"  user's file ~/.config/salon/settings.toml:1
start_muted   true          user's file ~/.config/salon/settings.toml:2
history_days  365           default

Log
2026-11-02T09:00:00Z  INFO page: joined meeting
`;

async function settings(): Promise<SettingsReport> {
  const file = new FakeFile({
    server: { value: 'wss://media.example', layer: 'policy', locked: true, editable: false },
  });
  await file.change('start_muted', true);
  if (file.report === undefined) throw new Error('there are no settings');
  return file.report;
}

export const elsewhere: readonly Scene[] = [
  { name: 'history-none', play: (stage) => go(stage, /history/i) },
  {
    name: 'history',
    async play(stage) {
      const page = { entries: past(), next: null, notice: null };
      stage.program.historyList.mockResolvedValue(page);
      await go(stage, /history/i);
      await stage.shown('h3');
    },
  },
  {
    name: 'settings',
    async play(stage) {
      stage.program.settings.mockResolvedValue(await settings());
      await go(stage, /settings/i);
      await stage.shown('[role=switch]');
    },
  },
  {
    name: 'settings-diagnostics',
    async play(stage) {
      stage.program.settings.mockResolvedValue(await settings());
      stage.program.diagnostics.mockResolvedValue(DIAGNOSTICS);
      await go(stage, /settings/i);
      await stage.press('[data-testid=settings-diagnostics]');
      (await stage.shown('textarea')).scrollIntoView({ block: 'center' });
    },
  },
  {
    name: 'doctor',
    async play(stage) {
      stage.program.diagnoseToken.mockResolvedValue(diagnosis({ identity: 'dana' }));
      stage.program.settings.mockResolvedValue(await settings());
      await go(stage, /settings/i);
      await stage.click(/token/i);
      await stage.type('textarea', 'a.b.c');
      await stage.click('Examine');
      await stage.shown('table, dl');
    },
  },
];
