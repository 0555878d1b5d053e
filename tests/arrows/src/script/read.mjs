// Reads on its input which files to parse, and writes what each of them imports.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { files, compilers } = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(compilers);
const ts = require('typescript');
const { parse: parseComponent } = require('svelte/compiler');

/** What an import may leave out. */
const ENDINGS = ['', '.ts', '.mts', '.svelte.ts', '.svelte', '.js', '.mjs', '.d.ts', '/index.ts', '/index.js'];

function resolve(from, specifier) {
  if (!specifier.startsWith('.')) return undefined;
  const bare = path.resolve(path.dirname(from), specifier.replace(/\?.*$/, ''));
  const found = ENDINGS.map((ending) => bare + ending)
    // TypeScript may be imported by the name of what it is compiled to.
    .concat(bare.replace(/\.js$/, '.ts'))
    .find((file) => existsSync(file) && statSync(file).isFile());
  if (!found) throw new Error(`${from} imports ${specifier}, which is not there`);
  return found;
}

/** Calls `found(specifier, offset, how)` for each import of a script. */
function readScript(file, text, found) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  let tests = 0;
  const visit = (node) => {
    const at = node.getStart(source);
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const type = node.importClause?.isTypeOnly ? 'import type' : 'import';
      found(node.moduleSpecifier.text, at, type);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      found(node.moduleSpecifier.text, at, node.isTypeOnly ? 'export type' : 'export');
    } else if (
      ts.isImportEqualsDeclaration(node) &&
      ts.isExternalModuleReference(node.moduleReference)
    ) {
      found(node.moduleReference.expression.text, at, 'import');
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found(node.argument.literal.text, at, 'import type');
    } else if (ts.isCallExpression(node)) {
      const [first] = node.arguments;
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword && first) {
        if (ts.isStringLiteralLike(first)) found(first.text, at, 'import()');
      }
      // What a table of cases is given to has no test yet.
      const called = node.expression.getText(source).split('.')[0];
      if (['test', 'it'].includes(called) && node.arguments.length > 1) tests += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return tests;
}

const HOW = {
  ImportDeclaration: 'import',
  ExportNamedDeclaration: 'export',
  ExportAllDeclaration: 'export',
  ImportExpression: 'import()',
  TSImportType: 'import type',
};

/** The same for a component: its scripts and its markup. */
function readComponent(text, found) {
  const visit = (node) => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node?.type !== 'string') return;
    const how = HOW[node.type];
    // Of a type that is imported where it stands, the name is in its argument.
    const specifier = node.source ?? node.argument?.literal ?? node.argument;
    if (how && typeof specifier?.value === 'string') {
      const type = [node.importKind, node.exportKind].includes('type') ? ' type' : '';
      found(specifier.value, node.start, how + type);
    }
    for (const [key, inner] of Object.entries(node)) {
      if (key !== 'parent' && typeof inner === 'object') visit(inner);
    }
  };
  const { instance, module, fragment } = parseComponent(text, { modern: true });
  [instance?.content, module?.content, fragment].forEach(visit);
}

const read = files.map((file) => {
  const text = readFileSync(file, 'utf8');
  const imports = [];
  const found = (specifier, offset, how) => {
    const to = resolve(file, specifier);
    const line = text.slice(0, offset).split('\n').length;
    if (to) imports.push({ line, how: `${how} '${specifier}'`, to });
  };
  const isComponent = file.endsWith('.svelte');
  const tests = isComponent ? (readComponent(text, found), 0) : readScript(file, text, found);
  return { file, lines: text.split('\n').length - 1, tests, imports };
});
process.stdout.write(JSON.stringify(read));
