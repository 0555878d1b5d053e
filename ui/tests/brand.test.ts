// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';

const sources = import.meta.glob<string>(['../src/**/*.{ts,svelte,ftl}', '!../src/brand/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('the name of the product', () => {
  beforeEach(() => {
    vi.resetModules();
    globalThis.__SALON_BRAND__ = undefined;
    document.head.replaceChildren();
  });

  it('is what the program says, with its picture and its colours', async () => {
    globalThis.__SALON_BRAND__ = {
      name: 'Garden Talk',
      id: 'org.example.GardenTalk',
      scheme: 'garden-talk',
      icon: '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
      colours: ':root{--accent:#1f7a34}',
    };
    const { brand, logo, wear } = await import('../src/brand');
    expect(brand.name).toBe('Garden Talk');
    expect(decodeURIComponent(logo)).toContain('<svg');
    wear(document);
    expect(document.title).toBe('Garden Talk');
    expect(getComputedStyle(document.documentElement).getPropertyValue('--accent')).toBe('#1f7a34');
    const { errorText } = await import('../src/errors/table');
    expect(errorText('provider-missing').sentence).toContain('This build of Garden Talk');
    expect(errorText('keyring-not-erased').next).toContain('entry org.example.GardenTalk in it');
  });

  it('is Salon in a plain browser', async () => {
    const { brand, wear } = await import('../src/brand');
    wear(document);
    expect([brand.name, document.title]).toEqual(['Salon', 'Salon']);
    expect(document.querySelector('style')).toBeNull();
  });

  it('is written nowhere else in what the page shows', () => {
    const said = Object.entries(sources).flatMap(([file, text]) => {
      const code = text
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .replaceAll(/<!--[\s\S]*?-->/g, '')
        .replaceAll(/^\s*\/\/.*$/gm, '');
      return /\bSalon\b/.test(code) ? [file] : [];
    });
    expect(Object.keys(sources).length).toBeGreaterThan(50);
    expect(said).toEqual([]);
  });
});
