// @vitest-environment jsdom
import { cleanup, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import PeoplePanel from '../../src/components/PeoplePanel.svelte';
import { Failures } from '../../src/errors/failures.svelte';
import { ChatPane } from '../../src/room/chatPane.svelte';
import { Moderation } from '../../src/room/people';
import { ShownCall, someone } from '../support/standIns';
import { broken, fillIn, show } from './show';

beforeEach(fillIn);
afterEach(cleanup);

const me = someone('me', { local: true, name: 'Amina' });
const nobody = {
  'mute-others': 'grant',
  'remove-others': 'grant',
  'end-for-all': 'grant',
} as const;

function open(call = new ShownCall(), invitation?: string) {
  const pane = new ChatPane(() => call.messages);
  pane.togglePeople();
  const failures = new Failures(() => undefined);
  show(PeoplePanel, { call, pane, moderation: new Moderation(call, failures), invitation });
  return { call, pane, failures, user: userEvent.setup() };
}
const names = (): (string | undefined)[] =>
  screen.getAllByTestId('person').map((row) => row.dataset['person']);
const button = (name: string): HTMLElement => screen.getByRole('button', { name });

it('lists whoever waits to speak first, in the order of their hands', async () => {
  const call = new ShownCall();
  call.participants = [
    me,
    someone('bo', { handRaised: 20 }),
    someone('cy'),
    someone('di', { handRaised: 10 }),
  ];
  open(call);
  expect(names()).toEqual(['di', 'bo', 'me', 'cy']);
  expect(screen.getByText('2 hands are raised')).toBeTruthy();
  expect(await broken()).toEqual([]);
});

it('says of each what is on, also to who is read to', async () => {
  const call = new ShownCall();
  const other = someone('bo', { microphone: { muted: false, paused: false }, handRaised: 1 });
  call.participants = [me, other];
  open(call);
  const [bo] = screen.getAllByTestId('person');
  expect(bo?.textContent).toContain('microphone on, camera off, hand raised');
  // They stay the same participant.
  other.change({
    microphone: { muted: true, paused: false },
    camera: { muted: false, paused: false },
  });
  await tick();
  expect(bo?.textContent).toContain('muted, camera on, hand raised');
});

it('finds people whatever the case and the accents, where there are many', async () => {
  const call = new ShownCall();
  const many = Array.from({ length: 9 }, (_, index) =>
    someone(`p${index}`, { name: `P ${index}` }),
  );
  call.participants = [me, ...many, someone('rene', { name: 'René' })];
  const { user } = open(call);
  await user.type(screen.getByRole('searchbox', { name: 'Search people' }), 'RENE');
  expect(names()).toEqual(['rene']);
  await user.type(screen.getByRole('searchbox'), 'x');
  expect(screen.getByText('Nobody here is called that.')).toBeTruthy();
});

it('offers what the user may do, and nothing else', async () => {
  const call = new ShownCall();
  const bo = someone('bo', { name: 'Bo', microphone: { muted: false, paused: false } });
  call.participants = [me, bo];
  call.rights = nobody;
  const { user, failures } = open(call);
  await user.click(button('More for Bo'));
  expect(screen.queryByRole('button', { name: 'Mute for everyone' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Remove' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'End for everyone' })).toBeNull();
  call.change({ rights: {} });
  await tick();
  expect(await broken()).toEqual([]);
  await user.click(button('Mute for everyone'));
  expect(call.mute).toHaveBeenCalledExactlyOnceWith(bo, 'microphone');
  call.remove.mockRejectedValueOnce({ code: 'action-refused' });
  await user.click(button('Remove'));
  expect(call.remove).not.toHaveBeenCalled();
  const ask = await screen.findByRole('alertdialog', { hidden: true });
  expect(ask.textContent).toContain('Remove Bo?');
  await user.click(within(ask).getByText('Remove'));
  expect(call.remove).toHaveBeenCalledExactlyOnceWith(bo);
  expect(failures.of('people')?.code).toBe('action-refused');
});

it('mutes everyone else and ends the meeting where the user may, the latter once it was asked', async () => {
  const call = new ShownCall();
  const microphone = { muted: false, paused: false };
  const [bo, cy] = [someone('bo', { microphone }), someone('cy', { microphone })];
  const silent = someone('di', { microphone: { muted: true, paused: false } });
  call.participants = [me, bo, cy, silent];
  const { user } = open(call);
  await user.click(button('Mute everyone else'));
  expect(call.mute.mock.calls.map(([who]) => who)).toEqual([bo, cy]);
  await user.click(button('End for everyone'));
  const ask = await screen.findByRole('alertdialog', { hidden: true });
  await user.click(within(ask).getByText('No'));
  expect(call.endForAll).not.toHaveBeenCalled();
  await user.click(button('End for everyone'));
  await user.click(
    within(await screen.findByRole('alertdialog', { hidden: true })).getByText('End it'),
  );
  expect(call.endForAll).toHaveBeenCalledOnce();
});

it('makes one person quieter for the user alone', async () => {
  const call = new ShownCall();
  const bo = someone('bo', { name: 'Bo' });
  call.participants = [me, bo];
  const { user } = open(call);
  await user.click(button('More for Bo'));
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Volume for me' });
  slider.value = '30';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  expect(bo.setVolume).toHaveBeenCalledExactlyOnceWith(0.3);
});

it('leads to the chat with one person alone', async () => {
  const call = new ShownCall();
  call.participants = [me, someone('bo', { name: 'Bo' })];
  const { user, pane } = open(call);
  await user.click(button('More for Bo'));
  await user.click(button('Write to them only'));
  expect([pane.open, pane.people, pane.to]).toEqual([true, false, call.participants[1]?.id]);
});

it('copies the invitation, or marks it where the system does not let a page copy', async () => {
  const { user } = open(new ShownCall(), 'salon://join?room=tea');
  await user.click(button('Copy'));
  expect(await navigator.clipboard.readText()).toBe('salon://join?room=tea');
  expect(button('Copied')).toBeTruthy();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValueOnce(new Error('no'));
  await user.click(button('Copied'));
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Invitation' });
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, field.value.length]);
  expect(screen.getByText('It is marked: copy it with Ctrl+C.')).toBeTruthy();
});
