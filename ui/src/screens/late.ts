import { Late } from '../lib/late.svelte';

/** The screens that nobody sees first. */
export const late = {
  doctor: new Late(() => import('./Doctor.svelte')),
  history: new Late(() => import('./History.svelte')),
  settings: new Late(() => import('./Settings.svelte')),
  room: new Late(() => import('./Room.svelte')),
};
