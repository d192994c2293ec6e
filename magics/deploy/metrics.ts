import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LoggedRequest } from './logs.ts';

const firstTokenSeconds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
];
const interTokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5];
const requestSeconds = [0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240];

/** The server's Prometheus metrics, under the names that vLLM gives them. */
export interface ServerMetrics {
  firstToken(seconds: number): void;
  interToken(seconds: number): void;
  finished(request: LoggedRequest): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** Creates the metrics of one server; `load` is asked for the queue's lengths when they are scraped. */
export function createServerMetrics(model: string, load: () => { running: number; waiting: number }): ServerMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ model_name: model });
  const own = { registers: [registry] };
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ name, help, buckets, ...own });
  const counter = (name: string, help: string) => new Counter({ name, help, ...own });
  const firstToken = histogram('vllm:time_to_first_token_seconds', 'Time to the first token.', firstTokenSeconds);
  const interToken = histogram('vllm:inter_token_latency_seconds', 'Time between tokens.', interTokenSeconds);
  const latency = histogram('vllm:e2e_request_latency_seconds', 'Time to the whole answer.', requestSeconds);
  const promptTokens = counter('vllm:prompt_tokens_total', 'Prompt tokens read.');
  const generationTokens = counter('vllm:generation_tokens_total', 'Tokens generated.');
  const success = new Counter({
    name: 'vllm:request_success_total',
    help: 'Requests answered.',
    labelNames: ['finished_reason'],
    ...own,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      ...own,
      collect() {
        this.set(read());
      },
    });
  gauge('vllm:num_requests_running', 'Requests being decoded.', () => load().running);
  gauge('vllm:num_requests_waiting', 'Requests in the queue.', () => load().waiting);
  return {
    firstToken: (seconds) => firstToken.observe(seconds),
    interToken: (seconds) => interToken.observe(seconds),
    finished(request) {
      promptTokens.inc(request.promptTokens ?? 0);
      generationTokens.inc(request.completionTokens ?? 0);
      if (request.status !== 200) return;
      latency.observe(request.latencyMs / 1000);
      success.inc({ finished_reason: request.finishReason ?? 'stop' });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
