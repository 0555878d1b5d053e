/** What the stand-ins of the tests ask of their runner, in a page that has none. */
import { fn, isMockFunction } from '@vitest/spy';

export const vi = { fn, isMockFunction };
