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
    case 'link':
      return t('origin-start', { source });
    case 'policy':
      return t('origin-policy');
  }
}
