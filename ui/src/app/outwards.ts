import { brand } from '../brand';

/**
 * What a click on a link does, wherever it stands: the page itself goes nowhere. `page` opens a web page
 * outside, `meeting` a link that leads into one.
 */
export function outwards(
  page: (address: string) => void,
  meeting: (link: string) => void,
): (event: MouseEvent) => void {
  return (event) => {
    const { target, button } = event;
    const link = target instanceof Element ? target.closest('a') : null;
    // The right button's menu is the system's.
    if (link === null || button > 1) return;
    event.preventDefault();
    if (/^https?:$/.test(link.protocol)) page(link.href);
    else if (link.protocol === `${brand.scheme}:`) meeting(link.href);
  };
}
