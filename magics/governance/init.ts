import { UserError } from '../errors.ts';
import { createGit } from './git.ts';
import { findRepository } from './repository.ts';

/** Makes `folder` a git repository unless it lies in one already. Gives the top folder of its work tree. */
export async function initRepository(folder: string): Promise<{ folder: string; created: boolean }> {
  try {
    return { folder: (await findRepository(folder)).folder, created: false };
  } catch (error) {
    if (!(error instanceof UserError) || !error.message.includes('not a git repository')) throw error;
  }
  await createGit(folder)(['init']);
  return { folder: (await findRepository(folder)).folder, created: true };
}
