import { installVscodeWeb } from './vscode/install.ts';
import { findChromium } from './vscode/browser.ts';
import { runQuickstart } from './quickstart.ts';
import { printResults } from './vscode/results.ts';
printResults(await runQuickstart(await installVscodeWeb(), findChromium()!, process.cwd()));
