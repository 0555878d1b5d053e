import { screen, waitFor } from '@testing-library/dom';
import { mount, tick } from 'svelte';

import AppView from '../src/App.svelte';
import { wear } from '../src/brand';
import type { Meeting } from '../src/platform/platform';
import { meeting, sessionsState, signedIn } from '../tests/support/standIns';
import { program } from '../tests/view/program';
import { plugIn, type PaintedHardware } from './devices';
import { arriveAll, pass } from './frozen';
import { paintAgain } from './painted';
import { inSight, moved, places } from './places';
import { server } from './server';

/** How long somebody has been in the call that is shown, milliseconds. */
const IN_THE_CALL = 754_000;

/** How long the page may take to look as it should, milliseconds: a limit for what never does. */
const LIMIT = 20_000;

const PATIENTLY = {
  timeout: LIMIT,
  interval: 10,
  onTimeout: (error: Error) => new Error(error.message.slice(0, 200)),
};

/** For how many pictures of the page nothing may have changed. */
const STILL = 4;

/** What a scene plays with: the program around the page, the server of calls, the devices. */
export class Stage {
  readonly program = program;
  readonly server = server;
  readonly hardware: PaintedHardware = plugIn();

  constructor() {
    localStorage.clear();
    program.reset();
    program.accountState.mockResolvedValue(signedIn);
    program.sessionsState.mockResolvedValue(sessionsState([]));
    program.settings.mockResolvedValue({
      settings: [],
      problems: [],
      userFile: '/home/dana/.config/salon/settings.toml',
    });
    // Time goes on for those who are in the call before its room is shown.
    program.log.mockImplementation((_, line) => {
      if (line.startsWith('joined ')) void pass(IN_THE_CALL);
    });
  }

  /** The app, as it is when it was started. */
  async home(): Promise<void> {
    wear(document);
    const target = document.getElementById('app');
    if (target === null) throw new Error('the page has no place for the app');
    mount(AppView, { target });
    await this.shown('h1');
  }

  /** In front of a meeting's door. */
  async lobby(more: Partial<Meeting> = {}): Promise<void> {
    await this.home();
    program.tell('open-meeting', { ...meeting, ...more });
    await this.shown('[data-testid=lobby-join]');
    await this.type('[data-testid=lobby-name]', 'Dana');
  }

  /** In the call. */
  async room(more: Partial<Meeting> = {}): Promise<void> {
    await this.lobby(more);
    await this.press('[data-testid=lobby-join]');
    await this.shown('[data-testid=room]');
  }

  /** Something comes or goes by itself; fails if anything that can be used is elsewhere then. */
  async unmoved(what: string, comes: () => unknown): Promise<void> {
    const before = places();
    await comes();
    await tick();
    const others = moved(before);
    if (others.length > 0) throw new Error(`${what} moves ${others.join('; ')}`);
  }

  /** Waits until something is there, and fails if it cannot be seen. */
  async seen(selector: string): Promise<void> {
    if (!inSight(await this.shown(selector))) throw new Error(`${selector} is out of sight`);
  }

  /** Waits until something is gone. */
  async gone(selector: string): Promise<void> {
    await waitFor(() => {
      if (document.querySelector(selector) !== null) throw new Error(`there still is ${selector}`);
    }, PATIENTLY);
  }

  /** Time goes on, and what is done again and again is done. */
  readonly pass = pass;

  /** Waits until something is there. */
  async shown(selector: string): Promise<HTMLElement> {
    return await waitFor(() => {
      const found = document.querySelector<HTMLElement>(selector);
      if (found === null) throw new Error(`there is no ${selector}`);
      return found;
    }, PATIENTLY);
  }

  /** Waits until something is there and can be used, and clicks it. */
  async press(selector: string): Promise<void> {
    (await this.shown(`${selector}:not(:disabled)`)).click();
    await tick();
  }

  /** A control of the room, which in a narrow window is an item of the menu with the others. */
  async control(name: string): Promise<void> {
    const control = document.querySelector<HTMLElement>(`[data-testid=control-${name}]`);
    if (control !== null) control.click();
    else {
      await this.open('[data-testid=control-more]');
      await this.press(`[data-testid=more-control-${name}]`);
    }
    await tick();
  }

  /** Clicks what is called so. */
  async click(name: string | RegExp, role = 'button'): Promise<void> {
    const [found] = await screen.findAllByRole(role, { name }, { timeout: LIMIT });
    found?.click();
    await tick();
  }

  /** Opens a menu, which follows the pointer and not the click. */
  async open(selector: string): Promise<void> {
    const trigger = await this.shown(selector);
    for (const kind of ['pointerdown', 'pointerup'] as const)
      trigger.dispatchEvent(
        new PointerEvent(kind, { bubbles: true, button: 0, pointerType: 'mouse' }),
      );
    await tick();
    await this.shown('[role=menu]');
  }

  /** Writes something into a field. */
  async type(selector: string, text: string): Promise<void> {
    const field = (await this.shown(selector)) as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await tick();
  }
}

/** Resolves when the page looks as it will: letters and pictures are there, and nothing moves. */
export async function settled(): Promise<void> {
  await document.fonts.ready;
  await waitFor(
    () => {
      paintAgain();
      arriveAll();
      const blank = [...document.querySelectorAll('video')].filter(
        (video) => video.srcObject !== null && video.readyState < video.HAVE_CURRENT_DATA,
      );
      if (blank.length > 0) throw new Error(`${blank.length} videos show nothing`);
    },
    { timeout: LIMIT, interval: 40 },
  );
  await quiet();
  arriveAll();
}

/** Resolves when nothing of the document has changed for as long as a few pictures of it take. */
async function quiet(): Promise<void> {
  let still = 0;
  const observer = new MutationObserver(() => (still = 0));
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(document, everything);
  while (still < STILL) {
    still += 1;
    paintAgain();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    // What the picture before has led to comes before this.
    await new Promise((resolve) => setTimeout(resolve));
  }
  observer.disconnect();
}
