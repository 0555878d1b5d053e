/** Stands in for the SDK where it is not installed: see vite.config.ts, and `paths` in tsconfig.json. */

import { CallError } from '../model';
import type { Sdk, SdkClient } from './sdk';

/** @throws CallError `provider-missing` */
function absent(): SdkClient {
  throw new CallError('provider-missing', 'stream');
}

export const StreamVideoClient = absent as unknown as Sdk['StreamVideoClient'];
