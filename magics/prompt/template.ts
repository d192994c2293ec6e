import Handlebars from 'handlebars';
import { suggestion, UserError } from '../errors.ts';

/** Variables that a template reads at its top level: name -> line in the prompt's file. */
export type TemplateVariables = ReadonlyMap<string, number>;

const roles = ['system', 'user', 'model', 'assistant', 'tool'];
/** Dotprompt's helpers that make sense for models of text, and Handlebars' own. */
export const helpers = ['role', 'json', 'ifEquals', 'unlessEquals', 'if', 'unless', 'each', 'with', 'lookup'];
const scoped = new Set(['each', 'with']);

/**
 * Checks a template before anything is rendered and gives the variables that it reads: broken Handlebars, unknown helpers,
 * partials and wrong roles are UserErrors with their line. `firstLine`: line of the template in the prompt's file.
 */
export function inspectTemplate(name: string, template: string, firstLine: number): TemplateVariables {
  const lineIn = (node: hbs.AST.Node) => firstLine + node.loc.start.line - 1;
  const variables = new Map<string, number>();
  let depth = 0;
  const read = (path: hbs.AST.Expression) => {
    if (!isPath(path) || path.data || depth > 0 || path.parts.length === 0) return;
    const variable = String(path.parts[0]);
    if (!variables.has(variable)) variables.set(variable, lineIn(path));
  };
  const call = (node: hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression) => {
    const helper = isPath(node.path) ? node.path.original : '';
    const isCall = node.params.length > 0 || node.type !== 'MustacheStatement' || helpers.includes(helper);
    if (isCall && !helpers.includes(helper)) throw unknownHelper(name, lineIn(node), helper);
    if (helper === 'role') checkRole(name, lineIn(node), node.params[0]);
    if (!isCall) read(node.path);
    for (const param of node.params) read(param);
  };
  const visitor = new (class extends Handlebars.Visitor {
    override MustacheStatement(node: hbs.AST.MustacheStatement): void {
      call(node);
      super.MustacheStatement(node);
    }
    override SubExpression(node: hbs.AST.SubExpression): void {
      call(node);
      super.SubExpression(node);
    }
    override BlockStatement(node: hbs.AST.BlockStatement): void {
      call(node);
      const inner = isPath(node.path) && scoped.has(node.path.original) ? 1 : 0;
      depth += inner;
      super.BlockStatement(node);
      depth -= inner;
    }
    override PartialStatement(node: hbs.AST.PartialStatement): void {
      throw new UserError(
        `Prompt "${name}", line ${lineIn(node)}: partials ({{> ...}}) are not supported. Put their text here.`,
      );
    }
  })();
  visitor.accept(parse(name, template, firstLine));
  return variables;
}

function parse(name: string, template: string, firstLine: number): hbs.AST.Program {
  try {
    return Handlebars.parse(template);
  } catch (error) {
    throw brokenTemplate(name, firstLine, error);
  }
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

function checkRole(name: string, line: number, role: hbs.AST.Expression | undefined): void {
  if (role?.type !== 'StringLiteral') return;
  const value = (role as hbs.AST.StringLiteral).value;
  if (!roles.includes(value)) {
    throw new UserError(
      `Prompt "${name}", line ${line}: "${value}" is not a role.${suggestion(value, roles, 'Roles')}`,
      {
        offending: value,
      },
    );
  }
}

function unknownHelper(name: string, line: number, helper: string): UserError {
  return new UserError(
    `Prompt "${name}", line ${line}: there is no helper "${helper}".${suggestion(helper, helpers, 'Helpers')}`,
    {
      offending: helper,
    },
  );
}

function brokenTemplate(name: string, firstLine: number, cause: unknown): UserError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const line = Number(/on line (\d+)/.exec(message)?.[1] ?? 1);
  const lines = message.split('\n');
  const reason = lines.length > 1 ? `the template breaks off at: ${lines[1]}` : message;
  return new UserError(`Prompt "${name}", line ${firstLine + line - 1}: ${reason}. Braces come in pairs: {{name}}.`, {
    cause,
  });
}
