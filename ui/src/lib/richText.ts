/**
 * The simple half of Markdown, and addresses. What comes out is a tree of texts, never markup: whatever
 * somebody writes stays text. An address shows itself, so that no link claims to lead elsewhere.
 */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly address: string }
  | { readonly kind: Style; readonly content: readonly Inline[] };

export type Block =
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'list';
      /** Number of the first; absent: without numbers. */
      readonly from?: number;
      readonly items: readonly (readonly Inline[])[];
    };

type Style = 'strong' | 'emphasis' | 'struck';

const STYLES: Readonly<Record<string, Style>> = {
  '**': 'strong',
  '*': 'emphasis',
  _: 'emphasis',
  '~~': 'struck',
};
/** How deep styles lie in each other. */
const DEEPEST = 4;
/** Characters of an address. */
const LONGEST_ADDRESS = 2_000;

const FENCE = /^```\w*\s*$/;
const ITEM = /^(?:[-*•]|(\d{1,4})[.)])\s+(?=\S)/;
const TOKEN = /`([^`\n]+)`|\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s<>"`]+|\*\*|~~|\*|_/gi;
/** An address ends before these, if they are its last. */
const TRAILING = new Set('.,;:!?\'"*_~…');

/** `scheme`: of the links that lead into meetings. */
export function richText(text: string, scheme: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let paragraph: string[] = [];
  const finish = (): void => {
    if (paragraph.some((line) => line.trim() !== ''))
      blocks.push({ kind: 'paragraph', content: inline(paragraph.join('\n'), scheme) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (FENCE.test(line)) {
      const end = lines.indexOf('```', at + 1);
      if (end > at) {
        finish();
        blocks.push({ kind: 'code', text: lines.slice(at + 1, end).join('\n') });
        at = end;
        continue;
      }
    }
    const item = ITEM.exec(line);
    if (item === null) {
      paragraph.push(line);
      continue;
    }
    finish();
    const numbered = item[1] !== undefined;
    const items: Inline[][] = [];
    for (; at < lines.length; at += 1) {
      const next = ITEM.exec(lines[at] ?? '');
      if (next === null || (next[1] !== undefined) !== numbered) break;
      items.push(inline((lines[at] ?? '').slice(next[0].length), scheme));
    }
    at -= 1;
    blocks.push({ kind: 'list', items, ...(numbered && { from: Number(item[1]) }) });
  }
  finish();
  return blocks;
}

/** What was opened and not closed yet. */
interface Open {
  readonly marker: string;
  readonly content: Inline[];
}

/** In one go over the text, however it is made. */
function inline(text: string, scheme: string): Inline[] {
  const root: Inline[] = [];
  const open: Open[] = [];
  const innermost = (): Inline[] => open.at(-1)?.content ?? root;
  const write = (piece: string): void => {
    if (piece !== '') append(innermost(), piece);
  };
  /** What was opened after all is as it was written. */
  const unfold = ({ marker, content }: Open): void => {
    write(marker);
    for (const each of content) {
      if (each.kind === 'text') write(each.text);
      else innermost().push(each);
    }
  };
  let done = 0;
  const tokens = new RegExp(TOKEN);
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const { index } = match;
    write(text.slice(done, index));
    const [token, code] = match;
    done = index + token.length;
    const style = STYLES[token];
    if (code !== undefined) innermost().push({ kind: 'code', text: code });
    else if (style === undefined) {
      const link = linkOf(token, scheme);
      if (link === undefined) write(token);
      else {
        innermost().push(link);
        // What stands behind it is read again.
        tokens.lastIndex = done = index + link.text.length;
      }
    } else {
      const [before, after] = [text[index - 1] ?? ' ', text[done] ?? ' '];
      const within = isWord(before) && isWord(after);
      const opened = open.findLastIndex(({ marker }) => marker === token);
      if (opened >= 0 && !/\s/.test(before) && !(within && token === '_')) {
        while (open.length > opened + 1) unfold(open.pop() as Open);
        const { content } = open.pop() as Open;
        if (content.length > 0) innermost().push({ kind: style, content });
        else write(token + token);
      } else if (open.length < DEEPEST && !/\s/.test(after) && !within) {
        open.push({ marker: token, content: [] });
      } else write(token);
    }
  }
  write(text.slice(done));
  for (let last = open.pop(); last !== undefined; last = open.pop()) unfold(last);
  return root;
}

const isWord = (character: string): boolean => /[\p{L}\p{N}_]/u.test(character);

function append(content: Inline[], text: string): void {
  const last = content.at(-1);
  if (last?.kind === 'text') content[content.length - 1] = { kind: 'text', text: last.text + text };
  else content.push({ kind: 'text', text });
}

/** Undefined: it leads nowhere that a click may lead. */
function linkOf(written: string, scheme: string): Extract<Inline, { kind: 'link' }> | undefined {
  if (written.length > LONGEST_ADDRESS) return undefined;
  let text = trimmed(written);
  // Brackets around it are not of it.
  while (text.endsWith(')') && count(text, ')') > count(text, '('))
    text = trimmed(text.slice(0, -1));
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (![`${scheme}:`, 'http:', 'https:'].includes(url.protocol)) return undefined;
  // "https://bank.example@elsewhere.example" leads elsewhere.
  if (url.username !== '' || url.password !== '') return undefined;
  return { kind: 'link', text, address: url.href };
}

function trimmed(text: string): string {
  let end = text.length;
  while (TRAILING.has(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

const count = (text: string, character: string): number => text.split(character).length - 1;
