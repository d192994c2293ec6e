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
  const inspector = new Inspector(name, firstLine);
  inspector.accept(parse(name, template, firstLine));
  return inspector.variables;
}

type Call = hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression;

/** Walks over a template's syntax tree. */
class Inspector extends Handlebars.Visitor {
  readonly variables = new Map<string, number>();
  readonly #name: string;
  readonly #firstLine: number;
  /** Blocks around the present node in which names mean something else. */
  #scopes = 0;

  constructor(name: string, firstLine: number) {
    super();
    this.#name = name;
    this.#firstLine = firstLine;
  }

  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    this.#check(node);
    super.MustacheStatement(node);
  }

  override SubExpression(node: hbs.AST.SubExpression): void {
    this.#check(node);
    super.SubExpression(node);
  }

  override BlockStatement(node: hbs.AST.BlockStatement): void {
    this.#check(node);
    const scopes = isPath(node.path) && scoped.has(node.path.original) ? 1 : 0;
    this.#scopes += scopes;
    super.BlockStatement(node);
    this.#scopes -= scopes;
  }

  override PartialStatement(node: hbs.AST.PartialStatement): void {
    throw partialUsed(this.#name, this.#lineOf(node));
  }

  #check(node: Call): void {
    const helper = isPath(node.path) ? node.path.original : '';
    const isKnown = helpers.includes(helper);
    const isCall = node.params.length > 0 || node.type !== 'MustacheStatement' || isKnown;
    if (isCall && !isKnown) throw unknownHelper(this.#name, this.#lineOf(node), helper);
    if (helper === 'role') checkRole(this.#name, this.#lineOf(node), node.params[0]);
    for (const read of isCall ? node.params : [node.path, ...node.params]) this.#read(read);
  }

  #read(path: hbs.AST.Expression): void {
    if (!isPath(path) || path.data || this.#scopes > 0 || path.parts.length === 0) return;
    const variable = String(path.parts[0]);
    if (!this.variables.has(variable)) this.variables.set(variable, this.#lineOf(path));
  }

  #lineOf(node: hbs.AST.Node): number {
    return this.#firstLine + node.loc.start.line - 1;
  }
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

function partialUsed(name: string, line: number): UserError {
  return new UserError(`Prompt "${name}", line ${line}: partials ({{> ...}}) are not supported. Put their text here.`);
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
