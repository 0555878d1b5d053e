import { mount } from 'svelte';

import './app.css';
import AppView from './App.svelte';
import { platform } from './platform';

addEventListener('error', (event) => platform.log('error', event.message));
addEventListener('unhandledrejection', (event) =>
  platform.log('error', `unhandled: ${String(event.reason)}`),
);

const target = document.getElementById('app');
if (target !== null) mount(AppView, { target });
