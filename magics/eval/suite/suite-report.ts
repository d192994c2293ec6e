import { z } from 'zod';

/** MIME type of a suite's outcome for clients that show it in a place of their own (VS Code: the Test Explorer). */
export const suiteReportMime = 'application/vnd.llmops.suite+json';

/** Ids of the evaluations that the tasks of a suite became; their records tell the rest. */
export const suiteReport = z.strictObject({ evaluations: z.array(z.string()) });
export type SuiteReport = z.output<typeof suiteReport>;
