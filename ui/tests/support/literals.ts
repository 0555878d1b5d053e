import { parse } from 'svelte/compiler';

/** A text that stands in the code: its pieces, and what comes between them is not known here. */
interface Literal {
  readonly parts: readonly string[];
  /** What it is written in: an attribute's name, `text` between tags, or `code`. */
  readonly where: string;
  /** It is given to a function, or compared with something: nobody reads it as it stands here. */
  readonly inner: boolean;
}

const files = import.meta.glob<string>(
  ['../../src/**/*.{ts,svelte}', '!../../src/**/generated/**'],
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);

/** All that the page is made of. */
export const sources = Object.entries(files).map(([file, text]) => ({ file, text }));

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const INNER: readonly unknown[] = ['CallExpression', 'BinaryExpression'];

/** The texts of a file: of its code, and of what it shows. */
export function literalsOf(file: string, text: string): readonly Literal[] {
  const component = file.endsWith('.svelte') ? text : `<script lang="ts">\n${text}\n</script>`;
  const found: Literal[] = [];
  const look = (node: unknown, where: string, inner = false): void => {
    if (Array.isArray(node)) {
      for (const each of node) look(each, where, inner);
      return;
    }
    if (!isNode(node)) return;
    const { type } = node;
    switch (type) {
      case 'ImportDeclaration':
      case 'ImportExpression':
      case 'ThrowStatement':
      case 'TSLiteralType':
      case 'StyleDirective':
      case 'StyleSheet':
      case 'Comment':
        return;
      case 'Attribute':
        look(node['value'], String(node['name']));
        return;
      case 'Text':
        found.push({
          parts: [String(node['data'])],
          where: where === 'code' ? 'text' : where,
          inner,
        });
        return;
      case 'Literal':
        if (typeof node['value'] === 'string') found.push({ parts: [node['value']], where, inner });
        return;
      case 'TemplateLiteral': {
        const parts = (node['quasis'] as readonly { value: { cooked: string } }[]).map(
          ({ value }) => value.cooked,
        );
        found.push({ parts, where, inner });
        look(node['expressions'], where, inner);
        return;
      }
      default:
        for (const [name, value] of Object.entries(node))
          if (name !== 'loc' && name !== 'metadata')
            look(value, where, inner || INNER.includes(type));
    }
  };
  const { fragment, instance, module } = parse(component, { modern: true });
  look(fragment, 'code');
  look(instance?.content, 'code');
  look(module?.content, 'code');
  return found;
}
