/** Words that no variable of a module can have for a name. Source: ECMA-262, "Keywords and Reserved Words". */
const reserved = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** Whether a cell may have a variable of that name; `llmops` is what magics are called by. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !reserved.has(name) && name !== 'llmops';
}

/** The name for a variable that is nearest to a text. */
export function asVariableName(text: string): string {
  const name = text.replace(/[^\w$]+/g, '_').replace(/^(?=\d|$)/, '_');
  return isVariableName(name) ? name : `${name}_`;
}
