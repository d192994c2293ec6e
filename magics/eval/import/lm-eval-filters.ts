/** One step of a `filter_list` pipeline of lm-evaluation-harness. */
export interface FilterStep {
  function: string | { python: string };
  regex_pattern?: string;
  group_select?: number;
  fallback?: string;
}

type Clean = (answer: string) => string;

/** The steps one after the other, as `lm_eval/filters` has them; what is not known is named and left out. */
export function createFilter(steps: readonly FilterStep[], notImported: string[]): Clean {
  const cleaners = steps.flatMap((step): Clean[] => {
    const name = typeof step.function === 'string' ? step.function : `!function ${step.function.python}`;
    const clean = createStep(name, step);
    if (clean === undefined) notImported.push(`filter "${name}"`);
    return clean === undefined ? [] : [clean];
  });
  return (answer) => cleaners.reduce((text, clean) => clean(text), answer);
}

function createStep(name: string, step: FilterStep): Clean | undefined {
  switch (name) {
    case 'take_first':
      return (text) => text;
    case 'remove_whitespace':
      return (text) => text.trimStart();
    case 'lowercase':
      return (text) => text.toLowerCase();
    case 'uppercase':
      return (text) => text.toUpperCase();
    case 'regex':
      return createExtract(step);
    default:
      return undefined;
  }
}

/** The match of that number (-1: the last), its first group that matched; the fallback where there is none. */
function createExtract({
  regex_pattern = '#### (\\-?[0-9\\.\\,]+)',
  group_select = 0,
  fallback = '[invalid]',
}: FilterStep): Clean {
  const pattern = new RegExp(regex_pattern, 'g');
  return (text) => {
    const found = [...text.matchAll(pattern)].at(group_select);
    if (found === undefined) return fallback;
    return (found.slice(1).find((group) => group !== undefined && group !== '') ?? found[0]).trim();
  };
}
