import * as vscode from 'vscode';
import type { Kernels } from './kernels.ts';
import type { PageQuestion, PageReply } from './renderer/page-messages.ts';

/** Passes what table outputs ask for, rows that the notebook does not hold, to the notebook's kernel. */
export function registerTablePages(kernels: Kernels): vscode.Disposable {
  const messaging = vscode.notebooks.createRendererMessaging('llmops-table');
  return messaging.onDidReceiveMessage(async ({ editor, message }) => {
    const { id, source, page } = message as PageQuestion;
    const kernel = await kernels.running(editor.notebook)?.catch(() => undefined);
    const reply: PageReply = { id, rows: null };
    const answered = kernel?.request({ method: 'rows', source, page }, (event) => {
      if (event.type === 'rows') reply.rows = event.rows;
    });
    await answered?.catch(() => undefined);
    await messaging.postMessage(reply, editor);
  });
}
