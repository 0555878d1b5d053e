/**
 * The canvas that stands in for a `<video>`'s picture: laid exactly over the element's content
 * box and made to look like it (object-fit, mirroring, rounding, stacking).
 */
import type { Shown } from './pictures';

/** Longest time between two looks at where the element is, while painting, in milliseconds. */
const LAYOUT_INTERVAL = 250;

/** Style properties that the canvas takes over from the element. */
const COPIED = [
  'objectFit',
  'objectPosition',
  'transform',
  'transformOrigin',
  'visibility',
  'opacity',
  'filter',
  'clipPath',
  'zIndex',
  'borderTopLeftRadius',
  'borderTopRightRadius',
  'borderBottomLeftRadius',
  'borderBottomRightRadius',
] as const;

/** A size in pixels. */
export interface Size {
  width: number;
  height: number;
}

export class Overlay {
  readonly canvas = document.createElement('canvas');
  readonly #video: HTMLVideoElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #style: CSSStyleDeclaration;
  readonly #resized: ResizeObserver;
  readonly #restyled: MutationObserver;
  readonly #relayout = (): void => this.layout();
  /** Content box as last observed: unlike `clientWidth`, not rounded. */
  #content: Size = { width: 0, height: 0 };
  /** Of the box, in CSS pixels; 0: not rendered. */
  #box: Size = { width: 0, height: 0 };
  #picture: Size = { width: 0, height: 0 };
  #layoutAt = -Infinity;
  readonly #onResize: () => void;

  constructor(video: HTMLVideoElement, onResize: () => void) {
    this.#video = video;
    this.#onResize = onResize;
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('no 2d canvas');
    this.#context = context;
    this.#style = getComputedStyle(video);
    this.canvas.dataset['webrtcCanvas'] = '';
    this.canvas.setAttribute('aria-hidden', 'true');
    Object.assign(this.canvas.style, {
      position: 'absolute',
      display: 'none',
      margin: '0',
      padding: '0',
      border: '0',
      maxWidth: 'none',
      maxHeight: 'none',
      minWidth: '0',
      minHeight: '0',
      pointerEvents: 'none',
    });
    this.#resized = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        if (target === video) this.#content = contentRect;
      }
      this.layout();
    });
    this.#restyled = new MutationObserver(this.#relayout);
  }

  /** Follows the element from now on. */
  follow(): void {
    this.#resized.observe(this.#video);
    this.#restyled.observe(this.#video, {
      attributes: true,
      attributeFilter: ['class', 'style', 'hidden'],
    });
    addEventListener('resize', this.#relayout);
    addEventListener('scroll', this.#relayout, { capture: true, passive: true });
    this.layout();
  }

  /** Lets go of the element: nothing outside leads to it any more. */
  rest(): void {
    this.#resized.disconnect();
    this.#restyled.disconnect();
    removeEventListener('resize', this.#relayout);
    removeEventListener('scroll', this.#relayout, { capture: true });
    this.canvas.remove();
  }

  /** Size of the element's box, in CSS pixels. */
  get box(): Size {
    return this.#box;
  }

  /** Follows the element: place, size, looks, or its absence. */
  layout(): void {
    this.#layoutAt = performance.now();
    const video = this.#video;
    const { canvas } = this;
    const rendered = video.isConnected && video.clientWidth > 0 && video.clientHeight > 0;
    if (!rendered) {
      canvas.remove();
      this.#setBox({ width: 0, height: 0 });
      return;
    }
    if (canvas.previousSibling !== video) {
      video.after(canvas);
      const parent = canvas.offsetParent;
      if (parent) this.#resized.observe(parent);
    }
    const style = this.#style;
    const inset = (side: 'Left' | 'Top' | 'Right' | 'Bottom'): number =>
      parseFloat(style[`padding${side}`]) || 0;
    const exact = (rounded: number, observed: number): number =>
      Math.abs(rounded - observed) < 1 ? observed : rounded;
    const box = {
      width: exact(video.clientWidth - inset('Left') - inset('Right'), this.#content.width),
      height: exact(video.clientHeight - inset('Top') - inset('Bottom'), this.#content.height),
    };
    for (const name of COPIED) {
      if (canvas.style[name] !== style[name]) canvas.style[name] = style[name];
    }
    canvas.style.position = style.position === 'fixed' ? 'fixed' : 'absolute';
    canvas.style.width = `${box.width}px`;
    canvas.style.height = `${box.height}px`;
    canvas.style.display = this.#picture.width > 0 ? 'block' : 'none';
    this.#place(video.offsetLeft, video.offsetTop, {
      left: video.clientLeft + inset('Left'),
      top: video.clientTop + inset('Top'),
    });
    this.#setBox(box);
  }

  /** Paints a picture. */
  paint({ image, width, height }: Shown): void {
    const first = this.#picture.width === 0;
    this.#picture = { width, height };
    if (first || performance.now() - this.#layoutAt > LAYOUT_INTERVAL) this.layout();
    const { canvas } = this;
    const scale = this.#scale();
    const backing = {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    };
    if (canvas.width !== backing.width) canvas.width = backing.width;
    if (canvas.height !== backing.height) canvas.height = backing.height;
    this.#context.drawImage(image, 0, 0, backing.width, backing.height);
  }

  /** Shows black, as a disabled track does. */
  blacken(): void {
    this.#context.fillStyle = '#000';
    this.#context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Backing pixels for each pixel of the picture: as many as the screen shows, at most one. */
  #scale(): number {
    const { width, height } = this.#box;
    if (width === 0 || height === 0) return 1;
    const x = width / this.#picture.width;
    const y = height / this.#picture.height;
    const shown = this.#style.objectFit === 'contain' ? Math.min(x, y) : Math.max(x, y);
    return Math.min(1, shown * devicePixelRatio);
  }

  /**
   * Puts the canvas where the element is. Offsets are whole pixels and relative to a box that
   * need not be the canvas's containing block, so what is left over is measured and corrected.
   */
  #place(left: number, top: number, inner: { left: number; top: number }): void {
    const { canvas } = this;
    canvas.style.left = `${left + inner.left}px`;
    canvas.style.top = `${top + inner.top}px`;
    const own = canvas.getBoundingClientRect();
    const wanted = this.#video.getBoundingClientRect();
    if (own.width === 0 || this.#video.offsetWidth === 0) return;
    // With the element scaled, the borders around the content box are too.
    const scaleX = wanted.width / this.#video.offsetWidth;
    const scaleY = wanted.height / this.#video.offsetHeight;
    const centre = (rect: DOMRect): [number, number] => [
      rect.left + rect.width / 2,
      rect.top + rect.height / 2,
    ];
    const [ownX, ownY] = centre(own);
    const [wantedX, wantedY] = centre(wanted);
    const asymmetryX = inner.left + canvas.offsetWidth / 2 - this.#video.offsetWidth / 2;
    const asymmetryY = inner.top + canvas.offsetHeight / 2 - this.#video.offsetHeight / 2;
    const dx = (wantedX - ownX) / (scaleX || 1) + asymmetryX;
    const dy = (wantedY - ownY) / (scaleY || 1) + asymmetryY;
    if (Math.abs(dx) > 0.01) canvas.style.left = `${left + inner.left + dx}px`;
    if (Math.abs(dy) > 0.01) canvas.style.top = `${top + inner.top + dy}px`;
  }

  #setBox(box: Size): void {
    const { width, height } = this.#box;
    this.#box = box;
    if (width !== box.width || height !== box.height) this.#onResize();
  }
}
