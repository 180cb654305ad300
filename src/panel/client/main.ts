import * as z from 'zod/mini';
import { toPageSchema, type ToHost } from '../protocol';
import { PanelView } from './view';

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
};

// The page's policy forbids the code that zod would make to go faster.
z.config({ jitless: true });

const savedSchema = z.object({ opened: z.array(z.string()) });
const vscode = acquireVsCodeApi();
const saved = savedSchema.safeParse(vscode.getState());
const opened = new Set(saved.success ? saved.data.opened : []);
const root = document.getElementById('panel');
if (!root) throw new Error('The page has no #panel to draw in');

const view = new PanelView(root, (message) => vscode.postMessage(message), {
  has: (path) => opened.has(path),
  set(path, open) {
    if (open === opened.has(path)) return;
    if (open) opened.add(path);
    else opened.delete(path);
    vscode.setState({ opened: [...opened] });
  },
});

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = toPageSchema.safeParse(event.data);
  if (message.success) view.redraw(message.data.state);
  else console.error('ML Engineer: a message the panel does not understand', message.error);
});
vscode.postMessage({ type: 'ready' });
