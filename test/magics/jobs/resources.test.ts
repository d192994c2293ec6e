import { describe, expect, it } from 'vitest';
import { memoryBytes, resourcesOf, timeSeconds } from '../../../magics/jobs/resources.ts';

describe('resources', () => {
  it('are taken from the options of a verb', () => {
    expect(resourcesOf({ executor: 'slurm', gpus: 1, name: 'x' } as never)).toEqual({ executor: 'slurm', gpus: 1 });
    expect(resourcesOf({ memory: '4G', time: '2h', retry: 2, priority: 1 })).toEqual({
      memory: '4G',
      time: '2h',
      retry: 2,
      priority: 1,
    });
  });

  it('that only a cluster has are refused on this machine, and what Slurm does itself is refused there', () => {
    expect(() => resourcesOf({ partition: 'gpu' })).toThrow(/^"partition" asks a Slurm cluster for resources/);
    expect(() => resourcesOf({ executor: 'slurm', retry: 2 })).toThrow(/leave "retry" out/);
    expect(() => resourcesOf({ executor: 'ray', qos: 'high' })).toThrow(/this job runs on Ray\. Add "executor: slurm"/);
    expect(() => resourcesOf({ executor: 'ray', priority: 2 })).toThrow(/leave "priority" out/);
    expect(() => resourcesOf({ executor: 'kubeflow', retry: 2 })).toThrow(/Kubernetes itself .* leave "retry" out/);
    expect(resourcesOf({ executor: 'ray', retry: 2, time: '4h' })).toEqual({ executor: 'ray', retry: 2, time: '4h' });
  });

  it.each([
    ['16G', 16 * 2 ** 30],
    ['500M', 500 * 2 ** 20],
    ['500', 500 * 2 ** 20],
    ['64K', 64 * 1024],
    ['1T', 2 ** 40],
  ])('%s are %d bytes', (memory, bytes) => {
    expect(memoryBytes(memory)).toBe(bytes);
  });

  it.each([
    ['90s', 90],
    ['4h', 14_400],
    ['15', 900],
    ['15:30', 930],
    ['1:00:00', 3600],
    ['1-12', 129_600],
    ['1-12:30:00', 131_400],
  ])('%s are %d seconds', (time, seconds) => {
    expect(timeSeconds(time)).toBe(seconds);
  });
});
