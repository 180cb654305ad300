import { cleanOutput } from './command-output';
import { headAndTail } from './truncate';

const MAX_OUTPUT_CHARACTERS = 2_000;

type Fields = Record<string, unknown>;

/** A notebook's cells as text: id, type, count, source, outputs with head and tail; `undefined` when it is not a notebook. */
export function notebookText(json: string): string | undefined {
  const cells = cellsOf(json);
  return cells?.map((cell, index) => cellText(fieldsOf(cell), index)).join('\n');
}

function cellsOf(json: string): unknown[] | undefined {
  try {
    const { cells } = fieldsOf(JSON.parse(json));
    return Array.isArray(cells) ? (cells as unknown[]) : undefined;
  } catch {
    return undefined; // Half-written: the caller shows the plain text, in which the fault can be seen.
  }
}

/** Notebooks are written by many programs: nothing about their fields is taken for granted. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function cellText(cell: Fields, index: number): string {
  const { id, cell_type: type, execution_count: count, source, outputs } = cell;
  const name = typeof id === 'string' ? id : `#${index + 1}`;
  const ran = typeof count === 'number' ? ` [${count}]` : '';
  return [
    `=== cell ${name} ${typeof type === 'string' ? type : 'unknown'}${ran}`,
    joined(source),
    ...(Array.isArray(outputs) ? outputs : []).map((output) => `--- output\n${outputText(fieldsOf(output))}`),
  ].join('\n');
}

function outputText(output: Fields): string {
  if (output['output_type'] === 'error') return errorText(output);
  const data = fieldsOf(output['data']);
  const plain = joined(output['text'] ?? data['text/plain']);
  const hidden = Object.keys(data).filter(
    (type) => type.startsWith('image/') || (plain === '' && type !== 'text/plain'),
  );
  const note = hidden.length > 0 ? `[${hidden.join(', ')} not shown]` : '';
  return [shortened(plain), note].filter((part) => part !== '').join('\n');
}

function errorText({ ename, evalue, traceback }: Fields): string {
  const lines = Array.isArray(traceback) ? traceback.filter((line) => typeof line === 'string') : [];
  if (lines.length > 0) return shortened(lines.join('\n'));
  return `${typeof ename === 'string' ? ename : 'Error'}: ${typeof evalue === 'string' ? shortened(evalue) : ''}`;
}

function shortened(text: string): string {
  return headAndTail(cleanOutput(text).trimEnd(), MAX_OUTPUT_CHARACTERS / 2, MAX_OUTPUT_CHARACTERS / 2).text;
}

function joined(source: unknown): string {
  if (Array.isArray(source)) return source.filter((part) => typeof part === 'string').join('');
  return typeof source === 'string' ? source : '';
}
