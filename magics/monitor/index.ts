import { chiSquared, kolmogorovSmirnov, populationStabilityIndex } from '../dataset/statistics.ts';
import { defineVerb, type Magic } from '../magic.ts';
import { detectDrift } from './drift.ts';
import { giveFeedback } from './feedback.ts';
import { feedbackOptions, showOptions } from './options.ts';
import { showMonitor } from './show.ts';

/** `%monitor`: what a deployment has been doing, whether its inputs drift, and what people think of its answers. */
export const monitor: Magic = {
  name: 'monitor',
  summary: 'Watch a deployment: requests, latency, errors, drift of inputs, feedback',
  verbs: {
    show: defineVerb({
      summary: 'show requests, latency, errors, drift against the training data, and feedback',
      positionals: ['name'],
      options: showOptions,
      example: '%monitor cronApi --since 24h',
      run: showMonitor,
    }),
    feedback: defineVerb({
      summary: 'note what you think of an answer',
      positionals: ['name'],
      options: feedbackOptions,
      example: '%monitor feedback cronApi --value down --rationale "wrong hour"',
      run: giveFeedback,
    }),
  },
  defaultVerb: 'show',
  functions: { detectDrift, populationStabilityIndex, kolmogorovSmirnov, chiSquared },
};
