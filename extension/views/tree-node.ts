/** What a command on a tree entry acts on. */
export type RecordTarget =
  | { kind: 'model'; folder: string; name: string }
  | { kind: 'version'; folder: string; name: string; ref: string }
  | { kind: 'run'; folder: string; id: string; job: string }
  | { kind: 'job'; folder: string; id: string };

/** One entry of a tree, as plain data; VS Code's items are made from it. */
export interface TreeNode {
  /** Stays the same while the entry is the same thing, so that trees keep what is open and selected. */
  id: string;
  label: string;
  description?: string;
  /** Markdown. */
  tooltip?: string;
  /** A product icon, for example `package`. */
  icon: string;
  /** A theme colour of the icon, for example `charts.green`. */
  color?: string;
  /** What menus ask for: `model`, `version`, `run.succeeded`, `job.running`, `group`, `problem`. */
  context: string;
  isOpen?: boolean;
  target?: RecordTarget;
  children?: () => Promise<TreeNode[]>;
}

/** An entry that says why a part of a tree is missing. */
export function problemNode(folder: string, error: unknown): TreeNode {
  const message = error instanceof Error ? error.message : String(error);
  return {
    id: `problem ${folder}`,
    label: message,
    tooltip: message,
    icon: 'warning',
    color: 'list.warningForeground',
    context: 'problem',
  };
}
