import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EnergyMeter, startEnergyMeter } from '../../../magics/jobs/energy.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

describe('an energy meter', () => {
  const meters: EnergyMeter[] = [];
  const start = (powercap: string, gpus?: string): EnergyMeter => {
    const meter = startEnergyMeter({ powercap, gpus });
    meters.push(meter);
    return meter;
  };
  afterEach(() => {
    for (const meter of meters.splice(0)) meter.close();
    vi.unstubAllEnvs();
  });

  it('adds up the processors, whose counters start again at their ends', () => {
    const powercap = makeFolder();
    const write = (name: string, microjoules: number) => {
      mkdirSync(path.join(powercap, name), { recursive: true });
      writeFileSync(path.join(powercap, name, 'max_energy_range_uj'), '10000000\n');
      writeFileSync(path.join(powercap, name, 'energy_uj'), `${microjoules}\n`);
    };
    write('intel-rapl:0', 9_000_000);
    write('intel-rapl:1', 0);
    write('intel-rapl:0:0', 0);
    const meter = start(powercap);
    write('intel-rapl:0', 1_000_000);
    write('intel-rapl:1', 3_000_000);
    write('intel-rapl:0:0', 5_000_000);
    expect(meter.read()).toBeCloseTo(2 + 3);
  });

  it('knows nothing where nothing can be read', () => {
    expect(start('/nowhere').read()).toBeUndefined();
    vi.stubEnv('PATH', '/nowhere');
    const meter = start('/nowhere', '0');
    expect(meter.read()).toBeUndefined();
    // At once: the program that could not be started must not be stopped.
    meter.close();
  });

  it('adds up the power of the GPUs that the process was given', async () => {
    const bin = makeFolder();
    const program = path.join(bin, 'nvidia-smi');
    writeFileSync(program, '#!/bin/sh\necho "$@" > "$0.args"\necho 100.0\necho 300.0\nexec sleep 60\n');
    chmodSync(program, 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
    const before = Date.now();
    const meter = start('/nowhere', '0,1');
    while (meter.read() === undefined) await sleep(10);
    const seconds = (Date.now() - before) / 1000;
    expect(meter.read()!).toBeGreaterThan(0);
    expect(meter.read()! / 400).toBeLessThanOrEqual((Date.now() - before) / 1000 + 0.05);
    expect(meter.read()! / 400).toBeGreaterThanOrEqual(seconds * 0.5 - 0.05);
  });
});
