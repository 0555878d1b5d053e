import { expect, it } from 'vitest';

import { invitationTo } from '../../src/lib/place';
import { meeting } from '../support/standIns';

it('an invitation names room and title, and there is none to a meeting of a backend’s', () => {
  const plain = { ...meeting, room: 'tea & cake', title: 'tea & cake' };
  expect(invitationTo(plain)).toBe('salon://join?room=tea+%26+cake');
  expect(invitationTo({ ...plain, title: 'Tea time' })).toBe(
    'salon://join?room=tea+%26+cake&title=Tea+time',
  );
  expect(invitationTo({ ...meeting, session: 's1' })).toBeUndefined();
});
