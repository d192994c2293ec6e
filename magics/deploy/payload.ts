import { z } from 'zod';

/** What a `serve` job is given. Keys never go in here: only where to find them. */
export const servePayload = z.strictObject({
  name: z.string().describe('name of the deployment'),
  model: z.string().describe('name@version'),
  modelFolder: z.string().describe('absolute path'),
  host: z.string(),
  port: z.int().min(0).max(65535).describe('0: any free one'),
  key: z.union([z.strictObject({ file: z.string() }), z.strictObject({ variable: z.string() })]),
  logText: z.boolean(),
  temperature: z.number().min(0).max(2),
  quantization: z.enum(['none', 'int8', 'int4']).default('none'),
  adapters: z.record(z.string(), z.string()).default({}).describe('folders by the names that requests use'),
  capacity: z.int().positive(),
  maxBatch: z.int().positive(),
});
export type ServePayload = z.output<typeof servePayload>;

/** What the `ready` event of a `serve` job says. */
export const serverReady = z.strictObject({
  url: z.string().describe('http://HOST:PORT/v1'),
  host: z.string(),
  port: z.int(),
  pid: z.int(),
  device: z.string(),
});
export type ServerReady = z.output<typeof serverReady>;
