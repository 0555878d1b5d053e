import type { Box } from './box';

/** Milliseconds. */
const DURATION = 200;

interface Where {
  readonly box: Box;
  /** At once. */
  readonly still: boolean;
}

/**
 * Puts an element where a box is, and lets it get there by `transform` alone: that needs no layout.
 * What is another size has it at once, and looks as if it grew.
 */
export function moves(element: HTMLElement, first: Where): { update(next: Where): void } {
  let before = first.box;
  const put = ({ x, y, width, height }: Box): void => {
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    element.style.transform = `translate(${x}px, ${y}px)`;
  };
  put(before);
  return {
    update({ box, still }) {
      const { x, y, width, height } = before;
      if (x === box.x && y === box.y && width === box.width && height === box.height) return;
      put(box);
      before = box;
      if (still || !('animate' in element)) return;
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
      const grown = `scale(${width / box.width}, ${height / box.height})`;
      element.animate(
        [
          { transform: `translate(${x}px, ${y}px) ${grown}` },
          { transform: `translate(${box.x}px, ${box.y}px)` },
        ],
        { duration: DURATION, easing: 'ease-out' },
      );
    },
  };
}
