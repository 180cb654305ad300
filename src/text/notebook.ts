import { cleanOutput, headAndTail } from './command-output';

interface Output {
  output_type?: string;
  text?: string | string[];
  data?: Record<string, string | string[]>;
  ename?: string;
  evalue?: string;
}
interface Cell {
  id?: string;
  cell_type?: string;
  source?: string | string[];
  execution_count?: number | null;
  outputs?: Output[];
}

const MAX_OUTPUT_CHARACTERS = 2_000;

/** A notebook's cells as text: id, type, count, source, outputs with head and tail; `undefined` when it is not a notebook. */
export function notebookText(json: string): string | undefined {
  let cells: Cell[];
  try {
    const notebook = JSON.parse(json) as { cells?: unknown } | null;
    if (!Array.isArray(notebook?.cells)) return undefined;
    cells = notebook.cells as Cell[];
  } catch {
    return undefined; // Half-written: the caller shows the plain text, in which the fault can be seen.
  }
  return cells.map(cellText).join('\n');
}

function cellText(cell: Cell, index: number): string {
  const count = cell.execution_count == null ? '' : ` [${cell.execution_count}]`;
  const outputs = (cell.outputs ?? []).map((output) => `--- output\n${outputText(output)}`);
  return [
    `=== cell ${cell.id ?? `#${index + 1}`} ${cell.cell_type ?? 'unknown'}${count}`,
    joined(cell.source),
    ...outputs,
  ].join('\n');
}

function outputText({ output_type, text, data, ename, evalue }: Output): string {
  if (output_type === 'error') return `${ename ?? 'Error'}: ${evalue ?? ''}`;
  const plain = text ?? data?.['text/plain'];
  const images = Object.keys(data ?? {}).filter((type) => type.startsWith('image/'));
  const note = images.length > 0 ? `[${images.join(', ')} not shown]` : '';
  const clean = cleanOutput(joined(plain));
  return [headAndTail(clean, MAX_OUTPUT_CHARACTERS / 2, MAX_OUTPUT_CHARACTERS / 2).text, note]
    .filter((part) => part !== '')
    .join('\n');
}

function joined(source: string | string[] | undefined): string {
  return Array.isArray(source) ? source.join('') : (source ?? '');
}
