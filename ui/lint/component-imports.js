import * as svelteParser from 'svelte-eslint-parser';

/**
 * A component as the import rules need it. They look for imports at the top of a module, where a
 * component has its scripts, and so would take every component for a file that imports nothing.
 */
export function parseForESLint(code, options) {
  const parsed = svelteParser.parseForESLint(code, options);
  const body = parsed.ast.body.flatMap((node) =>
    node.type === 'SvelteScriptElement' ? node.body : [node],
  );
  return { ...parsed, ast: { ...parsed.ast, body } };
}
