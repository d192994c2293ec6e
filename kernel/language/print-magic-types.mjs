// npm run types: writes kernel/language/magic-types.json, what cells may know of the magics' types, read from the magics'
// own sources by the compiler. A test compares the file with them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const file = path.join(root, 'kernel/language/magic-types.json');
const noTruncation = ts.NodeBuilderFlags.NoTruncation;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, printMagicTypes());

/**
 * JSON of `{ declarations, magics }`: declarations of the values that verbs give (the module 'llmops' of cells), and for each
 * magic its verbs' option types and result types and its pure functions' signatures.
 */
export function printMagicTypes() {
  const program = createProgram();
  const checker = program.getTypeChecker();
  const names = createDeclarations(program, checker);
  const magics = Object.fromEntries(
    magicObjects(program, checker).map((object) => [stringOf(property(object, 'name')), readMagic(object)]),
  );

  function readMagic(object) {
    const verbs = typesOfMembers(property(object, 'verbs')).map(([name, type, at]) => [name, readVerb(type, at)]);
    const functions = typesOfMembers(property(object, 'functions')).map(([name, type]) => [name, names.textOf(type)]);
    return { verbs: Object.fromEntries(verbs), functions: Object.fromEntries(functions) };
  }

  function typesOfMembers(node) {
    return (node?.properties ?? []).map((member) => {
      const type = ts.isShorthandPropertyAssignment(member)
        ? checker.getTypeOfSymbol(checker.getShorthandAssignmentValueSymbol(member))
        : checker.getTypeAtLocation(member.initializer);
      return [member.name.text, type, member];
    });
  }

  function readVerb(type, at) {
    const memberType = (of, name) => checker.getTypeOfSymbolAtLocation(of.getProperty(name), at);
    const input = memberType(memberType(type, 'options'), '_input');
    const options = input
      .getProperties()
      .map((option) => [option.name, names.textOf(checker.getTypeOfSymbolAtLocation(option, at))]);
    const result = memberType(type, 'run').getCallSignatures()[0].getReturnType();
    return { options: Object.fromEntries(options), result: names.textOf(result) };
  }

  for (const symbol of exportsOf(program, checker, 'magics/handles.ts')) names.want(symbol, symbol.name);
  return `${JSON.stringify({ declarations: names.declarations().split('\n'), magics }, null, 2)}\n`;
}

function createProgram() {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const files = ['magics/index.ts', 'magics/handles.ts'].map((name) => path.join(root, name));
  return ts.createProgram(files, { ...options, incremental: false, tsBuildInfoFile: undefined });
}

/** The object literals of the list `magics`. */
function magicObjects(program, checker) {
  const list = exportsOf(program, checker, 'magics/index.ts').find((symbol) => symbol.name === 'magics');
  return list.valueDeclaration.initializer.elements.map((element) => {
    const symbol = checker.getSymbolAtLocation(element);
    const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return original.valueDeclaration.initializer;
  });
}

function exportsOf(program, checker, name) {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path.join(root, name))));
}

function property(object, key) {
  return object.properties.find((member) => member.name?.text === key)?.initializer;
}

function stringOf(literal) {
  return literal.text;
}

/** Writes types as text and collects the declarations of the names in them. */
function createDeclarations(program, checker) {
  const printer = ts.createPrinter();
  const anyFile = program.getSourceFiles()[0];
  const print = (node) => printer.printNode(ts.EmitHint.Unspecified, node, anyFile);
  const declared = new Map();
  const waiting = [];

  function textOf(type, flags = noTruncation) {
    const node = checker.typeToTypeNode(type, undefined, flags);
    collect(node);
    return print(node);
  }

  /** Finds the names that a type refers to, be it written in a source or made by the checker. */
  function collect(node) {
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    if (name !== undefined && ts.isIdentifier(name)) {
      const symbol = name.symbol ?? checker.getSymbolAtLocation(name);
      if (symbol !== undefined) want(symbol, name.text);
    }
    ts.forEachChild(node, collect);
  }

  function want(alias, name) {
    const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
    const isType = (d) => ts.isInterfaceDeclaration(d) || ts.isTypeAliasDeclaration(d) || ts.isClassDeclaration(d);
    const declaration = symbol.declarations?.find(isType);
    if (declaration === undefined || declared.has(name)) return;
    if (program.isSourceFileDefaultLibrary(declaration.getSourceFile())) return;
    declared.set(name, '');
    waiting.push({ name, symbol, declaration });
  }

  function declare({ name, symbol, declaration }) {
    const [, inPackage] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(declaration.getSourceFile().fileName) ?? [];
    if (inPackage === '@types') return '';
    if (inPackage === 'zod') return `export type ${name} = unknown;`;
    if (inPackage !== undefined) return `export type ${name} = import('${inPackage}').${name};`;
    // What zod infers is written out; what is written stays as it is.
    const isWritten = ts.isInterfaceDeclaration(declaration) || !/\btypeof\b/.test(declaration.getText());
    if (!isWritten) {
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      return `export type ${name} = ${textOf(type, noTruncation | ts.NodeBuilderFlags.InTypeAlias)};`;
    }
    collect(declaration);
    const [comment] = ts.getJSDocCommentsAndTags(declaration).slice(-1);
    return [comment?.getText(), declaration.getText()].filter((text) => text !== undefined).join('\n');
  }

  return {
    textOf,
    want,
    declarations() {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        declared.set(next.name, declare(next));
      return [...declared.values()].filter((text) => text !== '').join('\n');
    },
  };
}
