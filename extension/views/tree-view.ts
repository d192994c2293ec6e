import * as vscode from 'vscode';
import type { TreeNode } from './tree-node.ts';

/** A tree of the side bar: reads its entries when it is shown, and again after `refresh`. */
export interface TreeView extends vscode.Disposable {
  refresh(): void;
  readonly onDidRefresh: vscode.Event<void>;
  /** What the tree shows at its top. */
  roots(): Promise<TreeNode[]>;
}

/** Rest between two readings, so that what was read is shown first. */
const restMs = 300;

/** Registers the view `id`, whose entries `load` reads. */
export function registerTreeView(id: string, load: () => Promise<TreeNode[]>): TreeView {
  const changed = new vscode.EventEmitter<void>();
  let reading = 0;
  let isStale = false;
  // VS Code drops what is being read when a change is told: changes that come meanwhile are told afterwards.
  const refresh = () => {
    if (reading > 0) isStale = true;
    else changed.fire();
  };
  const roots = async () => {
    reading++;
    try {
      return await load();
    } finally {
      setTimeout(() => {
        reading--;
        if (reading > 0 || !isStale) return;
        isStale = false;
        changed.fire();
      }, restMs);
    }
  };
  const view = vscode.window.createTreeView<TreeNode>(id, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node === undefined ? roots() : (node.children?.() ?? [])),
      getTreeItem: toTreeItem,
    },
  });
  return {
    refresh,
    onDidRefresh: changed.event,
    roots: load,
    dispose: () => {
      view.dispose();
      changed.dispose();
    },
  };
}

function toTreeItem(node: TreeNode): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const state = node.children === undefined ? None : node.isOpen === true ? Expanded : Collapsed;
  const item = new vscode.TreeItem(node.label, state);
  item.id = node.id;
  item.description = node.description;
  item.tooltip = node.tooltip === undefined ? undefined : new vscode.MarkdownString(node.tooltip, true);
  item.iconPath = new vscode.ThemeIcon(
    node.icon,
    node.color === undefined ? undefined : new vscode.ThemeColor(node.color),
  );
  item.contextValue = node.context;
  if (node.target !== undefined && node.target.kind !== 'model') {
    item.command = { command: 'llmops.openRecord', title: 'Open', arguments: [node] };
  }
  return item;
}
