// In parts by alphabet: what nobody writes in is not loaded.
import '@fontsource-variable/inter/wght.css';
import { mount } from 'svelte';

import './app.css';
import './contrast.css';
import AppView from './App.svelte';
import { platform } from './platform';
import { wear } from './brand';
import { soon, speak } from './words/language.svelte';

wear(document);

addEventListener('error', (event) => platform.log('error', event.message));
addEventListener('unhandledrejection', (event) =>
  platform.log('error', `unhandled: ${String(event.reason)}`),
);

// Where devices are slow to be found, that begins now and not in the lobby.
const { mediaDevices } = navigator as Partial<Navigator>;
mediaDevices?.enumerateDevices().catch(() => undefined);

const target = document.getElementById('app');
// In the system's language until the settings are known: nobody reads a language they do not speak.
const begin = (): void => {
  if (target !== null) mount(AppView, { target });
};
const spoken = speak(undefined).catch((thrown: unknown) => platform.log('error', String(thrown)));
void soon(spoken).then(begin);
