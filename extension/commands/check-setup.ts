import * as vscode from 'vscode';
import { html } from '../../magics/html.ts';
import { checkSetup, type Finding } from '../setup.ts';
import type { Pages } from '../views/pages.ts';
import { page } from '../views/record-page.ts';
import { registerCommand } from './register-command.ts';

/** Registers "Check Setup": a page that says what was found, and how to mend what is missing. */
export function registerCheckSetup(pages: Pages, extensionFolder: string): vscode.Disposable {
  return registerCommand('llmops.checkSetup', async () => {
    const findings = await checkSetup({
      nodePath: vscode.workspace.getConfiguration('llmops').get('nodePath', ''),
      extensionFolder,
      folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
    });
    pages.open('setup', 'LLMOps Setup', setupPage(findings));
    return findings;
  });
}

function setupPage(findings: readonly Finding[]): string {
  const missing = findings.filter((finding) => !finding.good).length;
  const lead = missing === 0 ? 'Everything that the work needs is here.' : `${missing} of ${findings.length} need you.`;
  const rows = findings.map(
    ({ name, good, found, fix }) =>
      html`<tr><th class="${good ? 'ok' : 'bad'}">${name}</th><td>${found}<span class="fix">${fix}</span></td></tr>`,
  );
  const table = html`<table class="facts"><tbody>${rows}</tbody></table>`;
  return page('LLMOps Setup', [html`<h1>Setup</h1>`, html`<p class="lead">${lead}</p>`, table]);
}
