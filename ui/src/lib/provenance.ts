import type { Explained } from '../platform';
import { t } from '../words/language.svelte';

/** Where a value comes from, in words for somebody who never heard of layers. */
export function origin({ layer, source, value }: Explained): string {
  switch (layer) {
    case 'default':
      return t(value === null ? 'origin-unset' : 'origin-default');
    case 'policy-default':
      return t('origin-policy-default');
    case 'user':
      return t('origin-user');
    case 'environment':
    case 'command-line':
      return t(`origin-${layer}`, { name: place({ layer, source }) });
    case 'link':
      return t('origin-link');
    case 'policy':
      return t('origin-policy');
  }
}

/** What the program calls the layers, before it says where in them a value stands. */
const CALLED: Readonly<Record<Explained['layer'], string>> = {
  default: 'default',
  'policy-default': 'policy default',
  user: "user's file",
  environment: 'environment',
  'command-line': 'command line',
  link: 'link',
  policy: 'policy',
};

/** Where exactly, without any word of a language: file and line, variable or option; empty: nowhere. */
export function place({ layer, source }: Pick<Explained, 'layer' | 'source'>): string {
  const called = CALLED[layer];
  return (source.startsWith(called) ? source.slice(called.length) : source).trim();
}
