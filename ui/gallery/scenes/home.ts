import {
  accountState,
  meetingSession,
  sessionsState,
  signedIn,
} from '../../tests/support/standIns';
import type { Scene } from '../scene';
import type { Stage } from '../stage';

const minutesAgo = (minutes: number): number => Date.now() - minutes * 60_000;

const sessions = () => [
  meetingSession('a', { title: 'Piano lesson', createdAt: minutesAgo(2) }),
  meetingSession('b', {
    title: 'A garden in the shade',
    role: 'requester',
    otherParty: 'Bruno Keller',
    createdAt: minutesAgo(12),
  }),
];

const signedOut = (stage: Stage): void => {
  stage.program.accountState.mockResolvedValue(accountState({ backend: signedIn.backend }));
};

export const atHome: readonly Scene[] = [
  {
    name: 'home-no-backend',
    async play(stage) {
      stage.program.accountState.mockResolvedValue(accountState());
      stage.program.sessionsState.mockResolvedValue(sessionsState(null));
      await stage.home();
    },
  },
  {
    name: 'home-signed-out',
    async play(stage) {
      signedOut(stage);
      await stage.home();
    },
  },
  { name: 'home-no-meetings', play: (stage) => stage.home() },
  {
    name: 'home-meetings',
    async play(stage) {
      stage.program.sessionsState.mockResolvedValue(sessionsState(sessions()));
      await stage.home();
    },
  },
  {
    name: 'home-ringing',
    async play(stage) {
      const state = sessionsState(sessions(), { ringing: ['a'] });
      stage.program.sessionsState.mockResolvedValue(state);
      await stage.home();
    },
  },
  {
    name: 'home-failure',
    async play(stage) {
      await stage.home();
      stage.program.tell('problem', { code: 'backend-unreachable-dns', detail: '' });
    },
  },
];
