import { atHome } from './scenes/home';
import { inTheLobby } from './scenes/lobby';
import { inTheRoom } from './scenes/room';
import { elsewhere } from './scenes/elsewhere';
import type { Scene } from './scene';

/**
 * Every screen and state. A new one is one entry of a list: a name, and what leads there. Four pictures
 * are taken of each (`pictures.ts`).
 */
export const scenes: readonly Scene[] = [...atHome, ...inTheLobby, ...inTheRoom, ...elsewhere];
