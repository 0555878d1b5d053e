import { describe, expect, it } from 'vitest';

import { plainName, plainText } from '../src/call/plain';

describe('what others are called', () => {
  it.each([
    ['\u202eevil', 'evil'],
    ['\u2067a\u2069 \u200fb\u061c', 'a b'],
    ['  two\nlines\t', 'two lines'],
    ['not\u0000 seen\u00ad\ufeff', 'not seen'],
    ['Ad\u200bmin', 'Admin'],
    ['עומר', 'עומר'],
    ['👩‍👩‍👧 Ann', '👩‍👩‍👧 Ann'],
    ['می‌خواهم', 'می‌خواهم'],
  ])('stands in its own order: %j', (name, plain) => {
    expect(plainName(name, 'id')).toBe(plain);
  });

  it.each([
    ['', 'ben'],
    ['\u202e\u200d', 'ben'],
    ['\u0301', 'ben'],
  ])('is the identity where nothing is to be seen: %j', (name, plain) => {
    expect(plainName(name, 'ben')).toBe(plain);
  });

  it('is never nothing', () => {
    expect(plainName('\u200b', '\u202e')).toBe('?');
  });

  it('is cut', () => {
    const name = plainName('🦊'.repeat(200), '');
    expect(Array.from(name)).toHaveLength(61);
    expect(name.endsWith('🦊…')).toBe(true);
  });
});

describe('what others write', () => {
  it('stands in its own order, with its lines', () => {
    expect(plainText('a\u202eb\nc\u2066')).toBe('ab\nc');
  });
});
