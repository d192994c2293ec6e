import type { Expression, Node, SourceFile, TransformationContext, Visitor } from 'typescript';
import { toolsName } from '../threads.ts';
import type { TypeScript } from './typescript.ts';

/**
 * Rewrites what a cell may not do by itself, at any depth: `await x` becomes `await __cell.wait(x, offset)`, so that an
 * interrupt can end it; `import(x)` and `import.meta` start from the notebook's folder.
 */
export function bodyTransformer(ts: TypeScript, context: TransformationContext, file: SourceFile): Visitor {
  const f = context.factory;
  const tools = (member: string) => f.createPropertyAccessExpression(f.createIdentifier(toolsName), member);
  const call = (member: string, args: readonly Expression[]) => f.createCallExpression(tools(member), undefined, args);
  const offset = (node: Node) => f.createNumericLiteral(node.pos < 0 ? 0 : node.getStart(file));

  const visit: Visitor = (node) => {
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isAwaitExpression(visited)) {
      return f.updateAwaitExpression(visited, call('wait', [visited.expression, offset(node)]));
    }
    if (ts.isForOfStatement(visited) && visited.awaitModifier !== undefined) {
      const { awaitModifier, initializer, expression, statement } = visited;
      return f.updateForOfStatement(
        visited,
        awaitModifier,
        initializer,
        call('iterate', [expression, offset(node)]),
        statement,
      );
    }
    if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return ts.setTextRange(call('import', [...visited.arguments]), node);
    }
    if (ts.isMetaProperty(visited) && visited.keywordToken === ts.SyntaxKind.ImportKeyword) return tools('meta');
    return visited;
  };
  return visit;
}
