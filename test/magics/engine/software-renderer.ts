import { existsSync } from 'node:fs';

// Chromium's software renderer stands in where the machine has no graphics device.
const softwareRenderer = '/usr/lib/chromium/vk_swiftshader_icd.json';
const hasRenderer = existsSync(softwareRenderer);
if (hasRenderer) process.env.VK_ICD_FILENAMES ??= softwareRenderer;

/** Whether WebGPU must work here: always under CI. */
export const isWebGpuExpected =
  process.env.CI !== undefined || hasRenderer || process.env.VK_ICD_FILENAMES !== undefined;
