import type { Explained } from '../platform';

/** Where a value comes from, in words for somebody who never heard of layers. */
export function origin({ layer, source, value }: Explained): string {
  switch (layer) {
    case 'default':
      return value === null ? 'Not set' : 'Default';
    case 'policy-default':
      return 'Preset by your administrator';
    case 'user':
      return 'Set by you';
    case 'environment':
    case 'command-line':
    case 'link':
      return `Set for this start of the app: ${source}`;
    case 'policy':
      return 'Locked by your administrator';
  }
}
