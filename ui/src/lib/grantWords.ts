import type { Diagnosis } from '../platform';
import { t } from '../words/language.svelte';

/** LiveKit's grants by what they allow. */
const MESSAGES = {
  roomJoin: 'grant-join',
  canPublish: 'grant-speak',
  canSubscribe: 'grant-hear',
  canPublishData: 'grant-write',
  canUpdateOwnMetadata: 'grant-own-data',
  roomAdmin: 'grant-moderate',
  roomCreate: 'grant-make',
  roomList: 'grant-list',
  roomRecord: 'grant-record',
} as const;

const isKnown = (name: string): name is keyof typeof MESSAGES => Object.hasOwn(MESSAGES, name);

/** What a grant allows; of one that is not known here, what the program says of it. */
export const grantWords = ({ name, allows }: Diagnosis['grants'][number]): string =>
  isKnown(name) ? t(MESSAGES[name]) : allows;
