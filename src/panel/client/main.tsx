import { render } from 'preact';
import * as z from 'zod/mini';
import { panelStateSchema, toPageSchema, type PanelState, type ToHost, type ToPage } from '../protocol';
import { NO_ROWS, withDetail, withRows } from '../rows';
import { createColouring } from './colouring';
import { withCurves, NO_CURVES } from './curves/kept';
import { createDrawing } from './curves/drawing';
import { loadScript, SECOND, secondScripts } from './second-script';
import { createMemory } from './memory';
import { Panel } from './panel';
import { guardText } from './text';

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
};

// The page's policy forbids the code that zod would make to go faster.
z.config({ jitless: true });
guardText();

const vscode = acquireVsCodeApi();
const memory = createMemory(vscode.getState(), (state) => vscode.setState(state));
const second = secondScripts();
const colouring = createColouring((loaded) => loadScript(second, SECOND.colours, loaded));
const drawing = createDrawing((loaded) => loadScript(second, SECOND.curves, loaded));
const root = document.getElementById('panel');
if (!root) throw new Error('The page has no #panel to draw in');

const send = (message: ToHost): void => vscode.postMessage(message);
let state: Partial<PanelState> = {};
let taken = NO_ROWS;
let curves = NO_CURVES;

/** A section that did not change stays the same object, by which its component knows that it need not be drawn. */
function draw(): void {
  const missing = Object.keys(panelStateSchema.shape).some((section) => !(section in state));
  if (!root || missing) return;
  const whole = state as PanelState;
  render(<Panel state={whole} {...{ taken, curves, send, memory, colouring, drawing }} />, root);
}

function take(message: ToPage): void {
  if (message.type === 'state') state = { ...state, ...(message.state as Partial<PanelState>) };
  else if (message.type === 'detail') taken = withDetail(taken, message);
  else if (message.type === 'curves') curves = withCurves(curves, message);
  else {
    const rows = withRows(taken, message);
    // One was lost: everything anew.
    if (!rows) return send({ type: 'ready' });
    taken = rows;
  }
  draw();
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = toPageSchema.safeParse(event.data);
  if (message.success) take(message.data);
  else console.error('ML Engineer: a message the panel does not understand', message.error);
});
send({ type: 'ready' });
