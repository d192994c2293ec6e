const contents = `
  javascript(text: string): void; html(text: string): void; markdown(text: string): void; latex(text: string): void;
  svg(text: string): void; png(bytes: Uint8Array): void; jpeg(bytes: Uint8Array): void; gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void; text(text: string): void; raw(contentType: string, content: string | Uint8Array): void;
`;

/** What the kernel puts on `globalThis`, and the package \`tslab\` that it answers for. */
export const globalDeclarations = `
declare var _: any;
declare var aq: typeof import('arquero');
type MimeBundle = Record<string, unknown>;
/** Shows a value, or a MIME bundle, in the running cell; the handle replaces it in place. */
declare function display(value: unknown): { update(data: MimeBundle): void };
declare namespace display {
${contents.replace(/(\w+)\(/g, 'function $1(')}
}
declare function clearOutput(wait?: boolean): void;
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
interface CommContent { readonly data: any; readonly metadata: Record<string, unknown>; readonly buffers: Uint8Array[] }
interface Comm {
  readonly id: string; readonly target: string;
  send(data: unknown, options?: { metadata?: Record<string, unknown>; buffers?: Uint8Array[] }): void; close(data?: unknown): void;
  onMessage?: (content: CommContent) => void; onClose?: (data: any) => void;
}
/** Conversations with code in the client, as Jupyter's widgets have them. */
declare const comms: {
  open(target: string, data?: unknown, options?: { metadata?: Record<string, unknown>; buffers?: Uint8Array[] }): Comm;
  register(target: string, accept: (comm: Comm, content: CommContent) => void): void;
};
declare const __notebook: {
  shell(command: string): Promise<void>; script(shell: string, lines: string): Promise<void>;
  either(read: () => unknown, text: string): unknown; load(file: string): Promise<void>; who(): void;
  reset(): void; show(data: MimeBundle): void; page(value: unknown): void; init(): Promise<void>;
  startTimer(): void; stopTimer(): void; timed<T>(started: unknown, value: T): T; timeCell(): void;
};
declare module 'tslab' {
  export interface Display {${contents}}
  export const display: Display;
  export function newDisplay(): Display;
  export const versions: { tslab: string; typescript: string; node: string };
}
`;
