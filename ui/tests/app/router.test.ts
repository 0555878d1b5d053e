import { beforeEach, describe, expect, it } from 'vitest';

import { Router } from '../../src/app/router.svelte';
import { Visit } from '../../src/app/visit.svelte';
import type { LocalDevices } from '../../src/devices/local.svelte';
import { Failures } from '../../src/errors/failures.svelte';
import { meeting } from '../support/standIns';

let failures: Failures;
let router: Router;

beforeEach(() => {
  failures = new Failures(() => undefined);
  router = new Router(failures);
});

function visit(): { visit: Visit; closed: () => number } {
  let closed = 0;
  const devices = { close: () => (closed += 1) } as unknown as LocalDevices;
  return { visit: new Visit(meeting, devices), closed: () => closed };
}

describe('a visit to a meeting', () => {
  it('goes on from the lobby into the room, and its devices with it', () => {
    const { visit: visited, closed } = visit();
    router.show({ name: 'lobby', visit: visited });
    router.show({ name: 'room', visit: visited, ongoing: {} as never });
    expect([closed(), visited.left.aborted]).toEqual([0, false]);
    router.fallBack({ name: 'home' });
    expect([closed(), visited.left.aborted]).toEqual([1, true]);
    expect(router.visit).toBeUndefined();
  });

  it('ends when another one begins', () => {
    const [first, second] = [visit(), visit()];
    router.show({ name: 'lobby', visit: first.visit });
    router.show({ name: 'lobby', visit: second.visit });
    expect([first.closed(), second.closed()]).toEqual([1, 0]);
    expect(router.visit).toBe(second.visit);
  });
});

describe('where the user wanted to go', () => {
  it('is overtaken by where they go later, and by what they want later', () => {
    const first = router.wish();
    expect(first.overtaken).toBe(false);
    const second = router.wish();
    expect([first.overtaken, second.overtaken]).toEqual([true, false]);
    router.home();
    expect(second.overtaken).toBe(true);
  });

  it('is not overtaken by the end of a call', () => {
    const { visit: visited } = visit();
    router.show({ name: 'room', visit: visited, ongoing: {} as never });
    const wish = router.wish();
    router.fallBack({ name: 'home' });
    expect(wish.overtaken).toBe(false);
  });
});

it('leaves what went wrong behind when a screen is opened, but not on the way home', () => {
  failures.tell('general', { code: 'internal' });
  router.home();
  expect(failures.newest()?.failure.code).toBe('internal');
  router.open('settings');
  expect(failures.newest()).toBeUndefined();
});
