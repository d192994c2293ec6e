import type { LanguageService, Program } from 'typescript';

/** Answers that hold for as long as no file changes. */
export interface Memo<T> {
  /** The answer to a question, worked out once; `isKept` says of an answer whether it depends on nothing but the files. */
  answer(question: string, workOut: () => T, isKept?: (answer: T) => boolean): T;
}

const keptAnswers = 200;

/** Remembers answers of a service over its present program. */
export function createMemo<T>(service: Pick<LanguageService, 'getProgram'>): Memo<T> {
  const answers = new Map<string, T>();
  let program: Program | undefined;
  return {
    answer(question, workOut, isKept = () => true) {
      const present = service.getProgram();
      if (present !== program || answers.size > keptAnswers) answers.clear();
      program = present;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = workOut();
      if (isKept(answer)) answers.set(question, answer);
      return answer;
    },
  };
}
