/**
 * What this build is called, and looks like: the program tells the page before it runs
 * (`src-tauri/src/brand.rs`). In a plain browser there is no program, and it is Salon.
 */
import icon from '../../../icons/icon.svg?raw';

interface Brand {
  /** As people read it. */
  readonly name: string;
  /** By which the keyring knows it. */
  readonly id: string;
  /** What its links begin with. */
  readonly scheme: string;
  /** Its picture, SVG. */
  readonly icon: string;
  /** A style sheet with its accent. */
  readonly colours: string | null;
}

declare global {
  var __SALON_BRAND__: Brand | undefined;
}

const own: Brand = {
  name: 'Salon',
  id: 'app.salon.desktop',
  scheme: 'salon',
  icon,
  colours: null,
};

export const brand: Brand = globalThis.__SALON_BRAND__ ?? own;

/** The picture, as the address of an image: in an image no script of it runs. */
export const logo = `data:image/svg+xml,${encodeURIComponent(brand.icon)}`;

/** Gives the page the brand's name and colours. */
export function wear(page: Document): void {
  page.title = brand.name;
  if (brand.colours === null) return;
  const style = page.createElement('style');
  style.textContent = brand.colours;
  page.head.append(style);
}
