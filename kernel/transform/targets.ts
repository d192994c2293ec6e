import type { BindingName, Expression, Identifier, Node } from 'typescript';
import type { TypeScript } from './typescript.ts';

export interface Targets {
  /** A binding pattern as the target of an assignment. */
  toTarget(name: BindingName): Expression;
  /** `A.B.C`, as it stands for a namespace, as an expression. */
  entityToExpression(name: Node): Expression;
}

/** Turns what declarations bind into what assignments assign to. `declare` makes a variable of a name. */
export function createTargets(ts: TypeScript, declare: (name: Identifier) => Expression): Targets {
  const f = ts.factory;

  /** A binding pattern as the target of an assignment. */
  function toTarget(name: BindingName): Expression {
    if (ts.isIdentifier(name)) return declare(name);
    if (ts.isObjectBindingPattern(name)) {
      return f.createObjectLiteralExpression(
        name.elements.map((element) => {
          const target = withDefault(toTarget(element.name), element.initializer);
          if (element.dotDotDotToken !== undefined) return f.createSpreadAssignment(target);
          return f.createPropertyAssignment(element.propertyName ?? f.createIdentifier(textOf(element.name)), target);
        }),
      );
    }
    return f.createArrayLiteralExpression(
      name.elements.map((element) => {
        if (ts.isOmittedExpression(element)) return element;
        const target = withDefault(toTarget(element.name), element.initializer);
        return element.dotDotDotToken === undefined ? target : f.createSpreadElement(target);
      }),
    );
  }

  function withDefault(target: Expression, initializer: Expression | undefined): Expression {
    return initializer === undefined ? target : f.createAssignment(target, initializer);
  }

  function entityToExpression(name: Node): Expression {
    if (ts.isQualifiedName(name)) return f.createPropertyAccessExpression(entityToExpression(name.left), name.right);
    return f.createIdentifier(textOf(name));
  }

  function textOf(name: Node): string {
    return ts.isIdentifier(name) ? name.text : '';
  }

  return { toTarget, entityToExpression };
}
