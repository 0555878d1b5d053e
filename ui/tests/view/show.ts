import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { tick, type Component } from 'svelte';
import { vi } from 'vitest';

import { late } from '../../src/screens/late';
import Stage from './Stage.svelte';

/** Who waits for the next picture of which element. */
const waiting = new Map<
  number,
  { readonly video: HTMLVideoElement; readonly callback: VideoFrameRequestCallback }
>();
let handles = 0;

/** An element shows the next picture of what it plays. */
export async function picture(video: Element | null): Promise<void> {
  for (const [handle, each] of [...waiting]) {
    if (each.video !== video || !waiting.delete(handle)) continue;
    each.callback(0, {} as VideoFrameCallbackMetadata);
  }
  await tick();
}

/** What the views ask of a browser and jsdom does not have; nothing of it is looked at. */
export function fillIn(): void {
  class NoObserver {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  vi.stubGlobal('ResizeObserver', NoObserver);
  Element.prototype.scrollIntoView = () => undefined;
  HTMLElement.prototype.hasPointerCapture = () => false;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    handles += 1;
    waiting.set(handles, { video: this, callback });
    return handles;
  };
  HTMLVideoElement.prototype.cancelVideoFrameCallback = (handle) => void waiting.delete(handle);
  document.documentElement.lang = 'en';
  document.title = 'Salon';
}

/** How long loading takes is not what is tested. */
export async function loadAll(): Promise<void> {
  await Promise.all(Object.values(late).map((each) => each.load()));
}

/** Shows a view as the app does; `again` changes its properties. */
export function show<Props extends object>(
  view: Component<Props>,
  props: Props,
): { again: (next: Props) => Promise<void>; unmount: () => void } {
  const shown = (next: Props): { view: Component<Record<string, unknown>>; given: object } => ({
    // A stage takes any view with the properties that go with it.
    view: view as unknown as Component<Record<string, unknown>>,
    given: next,
  });
  const { rerender, unmount } = render(Stage, { props: shown(props) as never });
  return { again: (next) => rerender(shown(next) as never), unmount };
}

/** The rules of accessibility that what is shown breaks. */
export async function broken(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    // Nothing is painted here.
    rules: { 'color-contrast': { enabled: false } },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** The names of what the Tab key goes to, in its order. */
export async function tabOrder(): Promise<string[]> {
  const user = userEvent.setup();
  (document.activeElement as HTMLElement | null)?.blur();
  const names: string[] = [];
  for (;;) {
    await user.tab();
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return names;
    const label = activeElement.closest('label')?.textContent ?? activeElement.textContent;
    names.push((activeElement.getAttribute('aria-label') ?? label).trim());
  }
}

/** Opens a menu and takes one of its items, with the keyboard alone. */
export async function choose(trigger: HTMLElement, name: string): Promise<void> {
  const user = userEvent.setup();
  trigger.focus();
  await user.keyboard('{Enter}');
  // Where nothing has a size, what floats counts as scrolled out of sight and has no name.
  const items = await screen.findAllByRole('menuitem', { hidden: true });
  const index = items.findIndex(({ textContent }) => textContent.trim() === name);
  await vi.waitFor(() => {
    if (document.activeElement !== items[0]) throw new Error('the menu has no focus');
  });
  await user.keyboard(`${'{ArrowDown}'.repeat(index)}{Enter}`);
}
