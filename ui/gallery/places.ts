/** Where what can be used is on the page, which nothing that comes by itself may change. */

const USABLE = 'main :is(button, input, summary, a)';

/** How far something may be from where it was, CSS pixels: what rounding makes of halves. */
const ROUNDING = 0.6;

/** All that can be used, but for what a notice itself has. */
export function places(): Map<Element, DOMRect> {
  const usable = [...document.querySelectorAll(USABLE)].filter(
    (each) => each.closest('[role=alert]') === null,
  );
  return new Map(usable.map((each) => [each, each.getBoundingClientRect()]));
}

/** Says what is elsewhere now; what has gone, or come since, is not asked for. */
export function moved(before: ReadonlyMap<Element, DOMRect>): string[] {
  return [...places()].flatMap(([each, { x, y, width, height }]) => {
    const was = before.get(each);
    if (was === undefined) return [];
    const ways = [x - was.x, y - was.y, width - was.width, height - was.height];
    if (ways.every((way) => Math.abs(way) < ROUNDING)) return [];
    return [`${nameOf(each)} by ${ways.map((way) => Math.round(way)).join(', ')}`];
  });
}

/** Whether one can see something, with nothing lying over its middle. */
export function inSight(element: Element): boolean {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return above !== null && (element.contains(above) || above.contains(element));
}

function nameOf(element: Element): string {
  const { testid } = (element as HTMLElement).dataset;
  return testid ?? element.getAttribute('aria-label') ?? element.textContent.trim();
}
