import * as vscode from 'vscode';
import { isUserError } from '../../magics/errors.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { RecordStore } from '../../magics/governance/store.ts';

/** The record stores of the open folders, each repository once. Folders outside git have none. */
export async function openStores(): Promise<RecordStore[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const stores = await Promise.all(folders.map(openStoreIn));
  const byFolder = new Map(stores.flatMap((store) => (store === undefined ? [] : [[store.folder, store]])));
  return [...byFolder.values()];
}

async function openStoreIn(folder: string): Promise<RecordStore | undefined> {
  try {
    return await openStore(folder);
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}
