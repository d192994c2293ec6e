import { randomUUID } from 'node:crypto';
import Handlebars from 'handlebars';
import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';

/**
 * Compiles a Dotprompt template into a function from inputs to messages, with Dotprompt's rules: text before the first
 * role is the user's, `model` is the assistant, nothing is escaped. White space around a message is layout, not content.
 * The mark between messages is secret: a value cannot make a message of its own.
 */
export function compileTemplate(template: string): (inputs: Readonly<Record<string, unknown>>) => ChatMessage[] {
  const mark = `<<<${randomUUID()}:`;
  const handlebars = Handlebars.create();
  handlebars.registerHelper('role', (role: unknown) => `${mark}${String(role)}>>>`);
  handlebars.registerHelper('json', (value: unknown, options: Handlebars.HelperOptions) =>
    JSON.stringify(value, null, (options.hash.indent as number | undefined) ?? 0),
  );
  handlebars.registerHelper('ifEquals', function (this: unknown, a: unknown, b: unknown, o: Handlebars.HelperOptions) {
    return a === b ? o.fn(this) : o.inverse(this);
  });
  handlebars.registerHelper(
    'unlessEquals',
    function (this: unknown, a: unknown, b: unknown, o: Handlebars.HelperOptions) {
      return a !== b ? o.fn(this) : o.inverse(this);
    },
  );
  const renderText = handlebars.compile(template, { noEscape: true });
  return (inputs) => splitMessages(renderText(inputs), mark);
}

function splitMessages(text: string, mark: string): ChatMessage[] {
  const [first = '', ...rest] = text.split(mark);
  const parts = [{ role: 'user', text: first }, ...rest.map(roleAndText)];
  const messages = parts.map((part): ChatMessage => ({ role: roleOf(part.role), content: part.text.trim() }));
  const said = messages.filter((message) => message.content !== '');
  if (said.length === 0) throw new UserError('The prompt is empty for these inputs: every message is blank.');
  return said;
}

function roleAndText(part: string): { role: string; text: string } {
  const end = part.indexOf('>>>');
  return { role: part.slice(0, end), text: part.slice(end + 3) };
}

function roleOf(role: string): ChatMessage['role'] {
  if (role === 'model' || role === 'assistant') return 'assistant';
  if (role === 'system' || role === 'user' || role === 'tool') return role;
  throw new UserError(`"${role}" is not a role. Roles: system, user, model, tool.`, { offending: role });
}
