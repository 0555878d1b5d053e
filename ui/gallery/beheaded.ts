/** The first letter says which way a text runs; those of Arabic, Hebrew and their neighbours go to the left. */
const FIRST_LETTER = /\p{L}/u;
const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** Texts of which the beginning is cut off: they are too long, and run the other way than their line. */
export function beheaded(): string[] {
  return [...document.querySelectorAll<HTMLElement>('body *')].flatMap((element) => {
    if (element.scrollWidth <= element.clientWidth) return [];
    const { textOverflow, direction } = getComputedStyle(element);
    const [first] = FIRST_LETTER.exec(element.textContent) ?? [];
    if (textOverflow !== 'ellipsis' || first === undefined) return [];
    const runs = LEFTWARDS.test(first) ? 'rtl' : 'ltr';
    return runs === direction ? [] : [element.textContent.trim()];
  });
}
