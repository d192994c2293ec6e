import { runQuickstart } from './quickstart.ts';
import { findChromium } from './vscode/browser.ts';
import { installVscodeWeb } from './vscode/install.ts';
import { printResults } from './vscode/results.ts';

printResults(await runQuickstart(await installVscodeWeb(), findChromium()!, process.cwd()));
