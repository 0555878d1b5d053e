import './frozen';
import '@fontsource-variable/inter/wght.css';
import '../src/app.css';
import '../src/contrast.css';
import { speak } from '../src/words/language.svelte';
import axe from 'axe-core';

import { beheaded } from './beheaded';
import { judge } from './judge';
import { pictures, type Picture } from './pictures';
import { scenes } from './scenes';
import { settled, Stage } from './stage';

/** Says which page this is: what is shipped must not have it in it. */
document.documentElement.dataset['page'] = 'salon-gallery';

/** What whoever takes the pictures asks of this page (`xtask/src/gallery.rs`). */
interface Gallery {
  readonly pictures: readonly Picture[];
  /** Empty when the scene is there; otherwise why it is not. */
  readonly ready: Promise<string>;
  /** The rules of accessibility that what is shown breaks. */
  readonly broken: () => Promise<readonly string[]>;
  readonly judge: typeof judge;
}

declare global {
  var gallery: Gallery | undefined;
}

const wanted = new URLSearchParams(location.hash.slice(1));
const scene = scenes.find(({ name }) => name === wanted.get('scene'));
const language = wanted.get('language') ?? (wanted.get('direction') === 'rtl' ? 'ar' : 'en');
// Another scene is another page.
addEventListener('hashchange', () => location.reload());

async function play(): Promise<string> {
  if (scene === undefined) {
    list();
    return wanted.has('scene') ? `there is no scene ${wanted.get('scene') ?? ''}` : '';
  }
  try {
    await scene.play(new Stage());
    // The scenes find what they press by its English words; what is shown changes where it stands.
    Object.defineProperty(navigator, 'languages', { value: [language] });
    await speak(language);
    if (wanted.has('planted')) plant();
    await settled();
    return '';
  } catch (thrown) {
    return String(thrown);
  }
}

/** Changes one colour a little: whether the pictures tell is tried with it each time. */
function plant(): void {
  const root = document.documentElement;
  const colour = getComputedStyle(root).getPropertyValue('--accent').trim();
  if (!/^#[0-9a-f]{6}$/i.test(colour)) throw new Error(`--accent is ${colour}`);
  const other = (Number.parseInt(colour.slice(1), 16) ^ 0x08).toString(16).padStart(6, '0');
  root.style.setProperty('--accent', `#${other}`);
}

/** For whoever looks at the scenes by hand. */
function list(): void {
  document.body.style.overflow = 'auto';
  for (const { name } of scenes) {
    const link = document.createElement('a');
    link.href = `#scene=${name}`;
    link.textContent = name;
    link.style.cssText = 'display: block; padding: 4px 24px; color: inherit';
    document.body.append(link);
  }
}

async function broken(): Promise<readonly string[]> {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  const rules = violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, any }) => `${id}: ${target.join(' ')}${any[0] ? ` (${any[0].message})` : ''}`,
    ),
  );
  return [...rules, ...beheaded().map((text) => `cut at its beginning: ${text}`)];
}

globalThis.gallery = {
  pictures: pictures(scenes.map(({ name }) => name)),
  ready: play(),
  broken,
  judge,
};
