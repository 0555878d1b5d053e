import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import type { Component } from 'svelte';
import { vi } from 'vitest';

import Stage from './Stage.svelte';

/** What the views ask of a browser and jsdom does not have; nothing of it is looked at. */
export function fillIn(): void {
  class NoObserver {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  class FakeStream {
    constructor(readonly tracks: MediaStreamTrack[]) {}
  }
  vi.stubGlobal('ResizeObserver', NoObserver);
  vi.stubGlobal('MediaStream', FakeStream);
  Element.prototype.scrollIntoView = () => undefined;
  HTMLElement.prototype.hasPointerCapture = () => false;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;
  document.documentElement.lang = 'en';
  document.title = 'Salon';
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
