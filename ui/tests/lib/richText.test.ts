import { describe, expect, it } from 'vitest';

import { richText, type Block, type Inline } from '../../src/lib/richText';

const inlines = (text: string): readonly Inline[] => {
  const [block] = richText(text, 'salon');
  if (block?.kind !== 'paragraph') throw new Error('no paragraph');
  return block.content;
};
/** As one would write it in XML. */
const shown = (content: readonly Inline[]): string =>
  content
    .map((each) => {
      if (each.kind === 'text') return each.text;
      if (each.kind === 'link') return `<a ${each.address}>${each.text}</a>`;
      if (each.kind === 'code') return `<code>${each.text}</code>`;
      return `<${each.kind}>${shown(each.content)}</${each.kind}>`;
    })
    .join('');

describe('styles', () => {
  it.each([
    ['plain words', 'plain words'],
    ['**bold** words', '<strong>bold</strong> words'],
    ['*one* and _two_', '<emphasis>one</emphasis> and <emphasis>two</emphasis>'],
    ['~~gone~~', '<struck>gone</struck>'],
    ['**bold and _both_**', '<strong>bold and <emphasis>both</emphasis></strong>'],
    ['`a * b * c`', '<code>a * b * c</code>'],
    ['say `**no**`', 'say <code>**no**</code>'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['5*4*3', '5*4*3'],
    ['**never closed', '**never closed'],
    ['*a **b* c**', '<emphasis>a **b</emphasis> c**'],
    ['****', '****'],
    ['a\nb', 'a\nb'],
  ])('%s', (written, read) => expect(shown(inlines(written))).toBe(read));
});

describe('addresses', () => {
  it.each([
    [
      'see https://a.example/b?c=d#e.',
      'see <a https://a.example/b?c=d#e>https://a.example/b?c=d#e</a>.',
    ],
    ['(http://a.example)', '(<a http://a.example/>http://a.example</a>)'],
    ['https://a.example/b_(c)', '<a https://a.example/b_(c)>https://a.example/b_(c)</a>'],
    [
      'https://a.example/some_file_name!',
      '<a https://a.example/some_file_name>https://a.example/some_file_name</a>!',
    ],
    ['**https://a.example**', '<strong><a https://a.example/>https://a.example</a></strong>'],
    ['salon://join?room=tea', '<a salon://join?room=tea>salon://join?room=tea</a>'],
    ['javascript://a.example/%0aalert(1)', 'javascript://a.example/%0aalert(1)'],
    ['file:///etc/passwd', 'file:///etc/passwd'],
    ['data://text/html,x', 'data://text/html,x'],
    ['https://bank.example@evil.example', 'https://bank.example@evil.example'],
    ['https://', 'https://'],
  ])('%s', (written, read) => expect(shown(inlines(written))).toBe(read));

  it('that look like others show what they are', () => {
    // The first letter is Cyrillic.
    const [link] = inlines('https://аpple.example');
    expect(link).toMatchObject({ kind: 'link', address: 'https://xn--pple-43d.example/' });
  });
});

describe('blocks', () => {
  it('are paragraphs, lists and code', () => {
    const text = 'Bring:\n- tea\n- **cake**\n\n3. third\n4) fourth\n```js\na *b*\n\nc\n```\nbye';
    const blocks = richText(text, 'salon').map((block: Block) =>
      block.kind === 'paragraph'
        ? shown(block.content)
        : block.kind === 'code'
          ? ['code', block.text]
          : [block.from, ...block.items.map(shown)],
    );
    expect(blocks).toEqual([
      'Bring:',
      [undefined, 'tea', '<strong>cake</strong>'],
      [3, 'third', 'fourth'],
      ['code', 'a *b*\n\nc'],
      'bye',
    ]);
  });

  it.each(['', '\n \n', '```\nno end'])('%j', (text) =>
    expect(richText(text, 'salon').length).toBe(text.startsWith('`') ? 1 : 0),
  );
});

describe('whatever is written', () => {
  const pieces = ['*', '**', '_', '~~', '`', 'a', ' ', '\n', 'https://', '(', ')', '- ', '```\n'];

  it('has all its words', () => {
    let seed = 1;
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    for (let round = 0; round < 2_000; round += 1) {
      const text = Array.from({ length: 20 }, () => pieces[next() % pieces.length]).join('');
      const words = JSON.stringify(richText(text, 'salon')).match(/a/g)?.length ?? 0;
      const inText = text.match(/a/g)?.length ?? 0;
      expect(words).toBeGreaterThanOrEqual(inText);
    }
  });

  it.each(pieces)('is read in one go: %j', (piece) => {
    // Were it read again and again, this would not end.
    expect(richText(piece.repeat(200_000), 'salon')).toBeDefined();
  });
});
