// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/svelte';
import { userEvent, type UserEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { errorText } from '../../src/errors/table';
import { origin, place } from '../../src/lib/provenance';
import Settings from '../../src/screens/Settings.svelte';
import { speak } from '../../src/words/language.svelte';
import { explained, FakeFile } from './fakeSettings.svelte';
import { broken, fillIn, show } from './show';

beforeEach(fillIn);
afterEach(() => speak('en'));

async function shown(file = new FakeFile()): Promise<{ file: FakeFile; user: UserEvent }> {
  show(Settings, file);
  await screen.findByRole('region', { name: 'Meetings' });
  return { file, user: userEvent.setup() };
}

const named = (role: string, name: string): HTMLInputElement => screen.getByRole(role, { name });
const described = (element: HTMLElement): string => {
  const ids = (element.getAttribute('aria-describedby') ?? '').split(' ');
  return ids
    .map((id) => document.getElementById(id)?.textContent.replace(/\s+/g, ' ').trim() ?? '')
    .join(' ');
};

describe('the settings', () => {
  it('are grouped, and each says where it comes from', async () => {
    await shown();
    const groups = screen.getAllByRole('region').map((each) => each.getAttribute('aria-label'));
    expect(groups).toEqual([
      'Meetings',
      'Your sound',
      'Ringing',
      'History',
      'Updates',
      'Language',
      'Advanced',
    ]);
    expect(screen.getAllByRole('switch')).toHaveLength(12);
    expect(named('switch', 'Play a ringtone').checked).toBe(true);
    expect(named('switch', 'Install new versions').checked).toBe(true);
    expect(named('switch', 'Begin with the microphone off').checked).toBe(false);
    expect(described(named('switch', 'Play a ringtone'))).toBe('Default');
    expect(described(named('textbox', 'Media server'))).toBe('Not set');
    expect(named('spinbutton', 'Days to remember them (0: for ever)').value).toBe('365');
    expect(screen.getByText(/Dev mode is off/)).toBeTruthy();
    expect(screen.getByText('/home/a/settings.toml')).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('offer each language by its own name', async () => {
    const { file, user } = await shown();
    const select: HTMLSelectElement = screen.getByRole('combobox', { name: 'Language of the app' });
    expect(select.value).toBe('system');
    expect([...select.options].map(({ text }) => text)).toEqual([
      'As the system',
      'English',
      'Français',
      'Español',
      'العربية',
    ]);
    await user.selectOptions(select, 'fr');
    expect(file.change).toHaveBeenCalledExactlyOnceWith('language', 'fr');
    expect(select.value).toBe('fr');
  });

  it('stay where they are when their words change, and are told in the new ones', async () => {
    const { file, user } = await shown();
    const change = file.change.getMockImplementation();
    file.change.mockImplementation(async (key, value) => {
      await change?.(key, value);
      await speak(value);
    });
    const select: HTMLSelectElement = screen.getByRole('combobox', { name: 'Language of the app' });
    select.focus();
    await user.selectOptions(select, 'fr');
    const same = await screen.findByRole('combobox', { name: 'Langue de l’application' });
    expect(same).toBe(select);
    expect(document.activeElement).toBe(select);
    await screen.findByText('Langue de l’application : enregistré');
  });

  it('show and copy what somebody who helps wants to know, as it is when it is opened', async () => {
    const { file, user } = await shown();
    expect(file.diagnostics).not.toHaveBeenCalled();
    const summary = screen.getByText('Diagnostics', { selector: 'summary' });
    await user.click(summary);
    const text: HTMLTextAreaElement = await screen.findByRole('textbox', {
      name: 'What is copied',
    });
    expect(text.value).toBe('Salon 1.2.3\nSystem: Debian\n');
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await navigator.clipboard.readText()).toBe('Salon 1.2.3\nSystem: Debian\n');
    expect(await broken()).toEqual([]);
    await user.click(summary);
    file.diagnostics.mockResolvedValue('Salon 1.2.3\nlater\n');
    await user.click(summary);
    const later: HTMLTextAreaElement = await screen.findByRole('textbox', {
      name: 'What is copied',
    });
    expect(later.value).toContain('later');
  });

  it('say why there are no diagnostics', async () => {
    const { file, user } = await shown();
    const thrown = new Error('no');
    file.diagnostics.mockRejectedValue(thrown);
    await user.click(screen.getByText('Diagnostics', { selector: 'summary' }));
    await waitFor(() => {
      expect(file.tell).toHaveBeenCalledExactlyOnceWith(thrown);
    });
    expect(screen.queryByRole('textbox', { name: 'What is copied' })).toBeNull();
  });

  it('can be changed with the keyboard alone', async () => {
    const { file, user } = await shown();
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Back' }));
    await user.tab();
    await user.keyboard('Amina{Tab} ');
    expect(file.change.mock.calls).toEqual([
      ['name', 'Amina'],
      ['start_muted', true],
    ]);
    const muted = named('switch', 'Begin with the microphone off');
    await waitFor(() => {
      expect(described(muted)).toBe(
        'It is opened when you first switch it on. Muting leaves it open and sends silence. Set by you',
      );
    });
    expect(muted.checked).toBe(true);
    expect(document.activeElement).toBe(muted);
    expect(screen.getByRole('status').textContent).toBe('Begin with the microphone off: saved');
    expect(named('textbox', 'Your name').value).toBe('Amina');
    await user.tab();
    expect(document.activeElement).toBe(
      screen.getByRole('button', { name: 'Reset: Begin with the microphone off' }),
    );
    await user.keyboard('{Enter}');
    expect(file.reset).toHaveBeenCalledExactlyOnceWith('start_muted');
    await waitFor(() => {
      expect(muted.checked).toBe(false);
    });
    expect(await broken()).toEqual([]);
  });

  it('are told with the types that the app wants', async () => {
    const { file, user } = await shown();
    const days = named('spinbutton', 'Days to remember them (0: for ever)');
    await user.clear(days);
    await user.type(days, '30');
    await user.tab();
    expect(file.change).toHaveBeenCalledExactlyOnceWith('history_days', 30);
    await user.clear(days);
    await user.tab();
    expect(file.reset).toHaveBeenCalledExactlyOnceWith('history_days');
    await waitFor(() => {
      expect(days.value).toBe('365');
    });
  });

  it('that the administrator has locked cannot be changed, and say so', async () => {
    const where = '/etc/salon/policy.toml:2';
    const source = `policy ${where}`;
    const ignored = [
      { value: 'wss://m.example', layer: 'user' as const, source: "user's file s.toml:1" },
    ];
    const policy = { layer: 'policy' as const, source, locked: true, editable: false };
    const { file, user } = await shown(
      new FakeFile({
        server: { ...policy, value: 'wss://it.example/', ignored },
        ringtone: { ...policy, value: false },
      }),
    );
    const server = named('textbox', 'Media server');
    expect(server.disabled).toBe(true);
    expect(server.value).toBe('wss://it.example/');
    expect(described(server)).toBe('Locked by your administrator; another value is not used');
    expect(screen.getAllByTitle(where)).toHaveLength(2);
    const ringtone = named('switch', 'Play a ringtone');
    await user.click(ringtone);
    expect(ringtone.checked).toBe(false);
    expect(file.change).not.toHaveBeenCalled();
    expect(screen.queryByRole('button', { name: /Reset/ })).toBeNull();
    expect(await broken()).toEqual([]);
  });

  it('that say whom the app talks to are not changed by the page', async () => {
    const { file, user } = await shown();
    for (const name of ['Backend profile', 'Backend address', 'Media server']) {
      const field = named('textbox', name);
      expect(field.disabled).toBe(true);
      await user.type(field, 'https://evil.example{Enter}');
    }
    expect(file.change).not.toHaveBeenCalled();
    expect(screen.getByText(/changed in the file below/)).toBeTruthy();
  });

  it('of this start cannot be changed in the file either', async () => {
    const source = 'command line --server';
    await shown(
      new FakeFile({
        server: { layer: 'command-line', source, editable: false, value: 'wss://a.example/' },
      }),
    );
    const server = named('textbox', 'Media server');
    expect(server.disabled).toBe(true);
    expect(described(server)).toBe(`Set for this start of the app: ${source}`);
  });

  it('say when they count after a restart only', async () => {
    await shown(
      new FakeFile({ backend: { layer: 'user', value: 'https://b.example/', afterRestart: true } }),
    );
    expect(described(named('textbox', 'Backend address'))).toBe(
      'Set by you; counts after a restart',
    );
  });

  it('that are refused stay as they were, and why is told', async () => {
    const { file, user } = await shown();
    file.refusal = { code: 'settings-not-saved', detail: 'read only' };
    const ringtone = named('switch', 'Play a ringtone');
    await user.click(ringtone);
    await waitFor(() => {
      expect(file.tell).toHaveBeenCalledExactlyOnceWith(file.refusal);
    });
    expect(ringtone.checked).toBe(true);
    // What was typed can be corrected.
    const name = named('textbox', 'Your name');
    await user.type(name, 'nonsense{Enter}');
    expect(name.value).toBe('nonsense');
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('tell what is wrong with the files', async () => {
    const file = new FakeFile();
    file.problems = [
      { code: 'settings-invalid', detail: '/home/a/settings.toml:2:8: ringtone must be' },
      { code: 'settings-invalid', detail: '/home/a/settings.toml:3:1: name must be' },
      { code: 'policy-invalid', detail: '/etc/salon/policy.toml:1:1: ' },
    ];
    await shown(file);
    const [first, second, third] = screen.getAllByRole('alert');
    expect(within(first as HTMLElement).getByText(/settings.toml:2:8/)).toBeTruthy();
    expect(within(second as HTMLElement).getByText(/settings.toml:3:1/)).toBeTruthy();
    const { sentence } = errorText('policy-invalid');
    expect(within(third as HTMLElement).getByText(sentence)).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('are not shown if they cannot be read', async () => {
    const file = new FakeFile();
    file.read.mockRejectedValue(new Error('no app'));
    show(Settings, file);
    await waitFor(() => {
      expect(file.tell).toHaveBeenCalledOnce();
    });
    expect(screen.queryByRole('region')).toBeNull();
    await userEvent.setup().click(screen.getByRole('button', { name: 'Back' }));
    expect(file.back).toHaveBeenCalledOnce();
  });
});

describe('the words for an origin', () => {
  it.each([
    [explained('ringtone'), 'Default'],
    [explained('name'), 'Not set'],
    [explained('ringtone', { layer: 'policy-default' }), 'Preset by your administrator'],
    [explained('ringtone', { layer: 'user' }), 'Set by you'],
    [
      explained('name', { layer: 'environment', source: 'environment SALON_NAME' }),
      'Set for this start of the app: environment SALON_NAME',
    ],
    [
      explained('name', { layer: 'command-line', source: 'command line --name' }),
      'Set for this start of the app: command line --name',
    ],
    [explained('name', { layer: 'link', source: 'link' }), 'Set for this start of the app: link'],
    [explained('ringtone', { layer: 'policy' }), 'Locked by your administrator'],
  ])('%#', (setting, words) => {
    expect(origin(setting)).toBe(words);
  });

  it('have no English in them where the page has none', async () => {
    await speak('ar');
    const sources = {
      environment: 'environment SALON_NAME',
      'command-line': 'command line --name',
      link: 'link',
    } as const;
    const words = Object.entries(sources).map(([layer, source]) =>
      origin(explained('name', { layer: layer as keyof typeof sources, source })),
    );
    expect(words.join(' ').match(/[-a-z_]*[a-z][-a-z_]*/gi)).toEqual(['SALON_NAME', '--name']);
    expect(place({ layer: 'policy', source: 'policy /etc/salon/policy.toml:3' })).toBe(
      '/etc/salon/policy.toml:3',
    );
    expect(place({ layer: 'default', source: 'default' })).toBe('');
  });
});
