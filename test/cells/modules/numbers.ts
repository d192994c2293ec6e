import { two } from './two.js';

export enum Kind { Even, Odd }

export const double = (n: number): number => n * two;

export function fail(): never {
  throw new Error('from a module');
}

export default await Promise.resolve(double(21));
