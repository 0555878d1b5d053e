import { LOOK_EVERY } from '../../src/call/statisticsPoll';
import { meetingSession, sessionsState } from '../../tests/support/standIns';
import { count } from '../counts';
import type { Scene } from '../scene';
import type { Stage } from '../stage';

const OTHERS = [
  'Amina Haddad',
  'Bruno Keller',
  'Chloé Martin',
  'Diego Ruiz',
  'Emeka Obi',
  'Freya Lindqvist',
  'Goran Petrović',
  'Hana Suzuki',
  'Ines Moreau',
  'Jonas Weber',
  'Kwame Mensah',
  'Leila Karimi',
] as const;

/** So many of the others, some without a camera or muted. */
function others(stage: Stage, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const name = OTHERS[index % OTHERS.length] ?? 'Amina';
    const which = index < OTHERS.length ? name : `${name} ${Math.floor(index / OTHERS.length) + 1}`;
    if (index % 4 === 3) stage.server.enter(which, 'microphone');
    else stage.server.enter(which, 'microphone', 'camera');
    if (index % 3 === 2) stage.server.mute(which.toLowerCase(), 'microphone', true);
  }
}

const call =
  (count: number, then?: (stage: Stage) => unknown) =>
  async (stage: Stage): Promise<void> => {
    others(stage, count);
    await stage.room();
    await then?.(stage);
  };

/** A small picture of two colours. */
const thumbnail = (above: string, below: string): string =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="${below}"/><rect width="320" height="40" fill="${above}"/></svg>`,
  )}`;
const SOURCES = [
  ['monitor', 'HDMI-1', '', thumbnail('#243b53', '#7b8794')],
  ['monitor', 'DP-2', '', null],
  ['window', 'Plan of the garden – Drawing', 'Drawing', thumbnail('#9aa5b1', '#e3f8e0')],
  ['window', 'A letter that is about so many things that its title is cut off', 'Writer', null],
  ['window', 'Terminal', 'Terminal', thumbnail('#3e4c59', '#1f2933')],
].map(([surface, title, application, picture], index) => ({
  id: String(index),
  surface,
  title,
  application,
  thumbnail: picture,
}));

const amina = 'amina haddad';
const bruno = 'bruno keller';

export const inTheRoom: readonly Scene[] = [
  { name: 'room-alone', play: call(0) },
  { name: 'room-two', play: call(1, ({ server }) => server.speak(amina)) },
  {
    name: 'room-four',
    play: call(3, ({ server }) => {
      server.speak(bruno);
      server.hand(amina, Date.now());
      server.quality('chloé martin', 'poor');
    }),
  },
  { name: 'room-nine', play: call(8) },
  { name: 'room-twenty-five', play: call(24) },
  { name: 'room-many', play: call(60) },
  {
    name: 'room-portrait',
    async play(stage) {
      stage.server.shape = 'portrait';
      await call(2)(stage);
    },
  },
  { name: 'room-screen', play: call(3, ({ server }) => server.publish(amina, 'screen')) },
  {
    name: 'room-two-screens',
    play: call(2, ({ server }) => {
      server.publish(amina, 'screen');
      server.publish(bruno, 'screen');
    }),
  },
  {
    name: 'room-own-screen',
    play: call(2, (stage) => stage.control('screen')),
  },
  {
    name: 'room-choosing-a-screen',
    play: call(2, async (stage) => {
      const offered = new Event('displaysources', { cancelable: true });
      stage.hardware.dispatchEvent(
        Object.assign(offered, { sources: SOURCES, choose: () => undefined }),
      );
      const [first] = (await stage.shown('[data-testid=screen-picker]')).querySelectorAll('input');
      first?.click();
    }),
  },
  { name: 'room-muted', play: call(1, (stage) => stage.control('mic')) },
  { name: 'room-reconnecting', play: call(2, ({ server }) => server.interrupt()) },
  {
    name: 'room-paused',
    play: call(2, ({ server }) => {
      server.pause(amina, 'camera', true);
      server.quality(amina, 'lost');
    }),
  },
  {
    name: 'room-chat',
    play: call(3, async (stage) => {
      stage.server.say(amina, 'Good morning! Here is the plan: https://plan.example/garden');
      stage.server.say(bruno, 'Thank you. I read it yesterday, and I have two questions.');
      await stage.control('chat');
    }),
  },
  {
    name: 'room-files',
    play: call(3, async (stage) => {
      const plan = { name: 'Garden plan.pdf', size: 1_240_000, type: 'application/pdf' };
      const photo = { name: 'Hedge.jpg', size: 820_000, type: 'image/jpeg' };
      stage.server.say(amina, '📎 Garden plan.pdf', { key: 'plan', file: plan });
      stage.server.say(bruno, '📎 Hedge.jpg', { key: 'photo', file: photo });
      await stage.control('chat');
      await stage.click('Get Hedge.jpg');
    }),
  },
  {
    name: 'room-asked',
    play: call(2, async ({ server }) => {
      await server.host('microphone', true);
      await server.host('microphone', false);
      server.ask(amina, 'screen');
      server.record(true);
    }),
  },
  {
    name: 'room-more',
    play: call(2, async (stage) => {
      stage.server.record(true);
      await stage.open('[data-testid=control-more]');
    }),
  },
  {
    name: 'room-captions',
    play: call(3, async (stage) => {
      await stage.open('[data-testid=control-more]');
      await stage.press('[data-testid=more-captions]');
      stage.server.caption(amina, 'Shall we begin with the hedge, or with the pond?');
      stage.server.caption('me', 'With the pond, please.');
      stage.server.caption(bruno, 'I have drawn it as large as it could be, so that', 'bruno');
    }),
  },
  {
    name: 'room-quality',
    play: call(2, async (stage) => {
      for (let looks = 0; looks < 60; looks += 1) {
        count();
        await stage.pass(LOOK_EVERY);
      }
      await stage.press('[data-testid=quality-glance]');
      await stage.shown('[data-testid=flow]');
    }),
  },
  {
    name: 'room-leaving',
    async play(stage) {
      const session = meetingSession('a', { title: 'Piano lesson' });
      stage.program.sessionsState.mockResolvedValue(sessionsState([session]));
      others(stage, 1);
      await stage.room({ session: 'a', title: 'Piano lesson' });
      await stage.open('[data-testid=control-leave]');
    },
  },
];
