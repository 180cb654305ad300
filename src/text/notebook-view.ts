import { cleanOutput } from './command-output';
import { fieldsOf, joined, type Cell, type Fields, type Notebook } from './notebook';
import { headAndTail } from './truncate';

const MAX_OUTPUT_CHARACTERS = 2_000;
/** Of a cell with more, the first and last are shown. */
const MAX_OUTPUTS = 20;
const MAX_IMAGES = 8;
const MAX_IMAGE_CHARACTERS = 2_000_000;
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

export interface NotebookImage {
  /** Stands in the text, alone on a line, where the image belongs. */
  mark: string;
  type: (typeof IMAGE_TYPES)[number];
  base64: string;
}

export interface NotebookView {
  text: string;
  images: NotebookImage[];
}

/** A notebook as its cells: name, type, count and state, source, outputs with head and tail; images beside the text. */
export function notebookView({ cells }: Notebook, isEdited: (cell: Cell) => boolean = () => false): NotebookView {
  const images: NotebookImage[] = [];
  let highest = 0;
  const parts = cells.map((cell) => {
    const states = [
      ...(isEdited(cell) ? ['edited since these outputs were made'] : []),
      ...(cell.count !== undefined && cell.count < highest ? ['ran before a cell above it'] : []),
    ];
    highest = Math.max(highest, cell.count ?? 0);
    const state = states.length > 0 ? ` (${states.join(', ')})` : '';
    const outputs = cell.outputs.map((output) => `--- output\n${outputText(fieldsOf(output), images)}`);
    return [`=== cell ${cellTitle(cell)}${state}`, cell.source.replace(/\n$/u, ''), ...firstAndLast(outputs)].join(
      '\n',
    );
  });
  return { text: parts.join('\n'), images };
}

/** A cell's name and type, and for code how often the kernel had run when it ran: `[ ]` where it did not. */
export function cellTitle({ name, type, count }: Cell): string {
  return `${name} ${type}${type === 'code' ? ` [${count ?? ' '}]` : ''}`;
}

function firstAndLast(outputs: string[]): string[] {
  const left = outputs.length - MAX_OUTPUTS;
  if (left <= 0) return outputs;
  return [
    ...outputs.slice(0, MAX_OUTPUTS / 2),
    `[... ${left} outputs left out ...]`,
    ...outputs.slice(-MAX_OUTPUTS / 2),
  ];
}

function outputText(output: Fields, images: NotebookImage[]): string {
  if (output['output_type'] === 'error') return errorText(output);
  const data = fieldsOf(output['data']);
  const plain = joined(output['text'] ?? data['text/plain']);
  const image = IMAGE_TYPES.find((type) => data[type] !== undefined);
  const mark = image && imageMark(image, joined(data[image]).replaceAll(/\s/gu, ''), images);
  const hidden = Object.keys(data).filter(
    (type) => type !== image && (type.startsWith('image/') || (plain === '' && !image && type !== 'text/plain')),
  );
  const note = hidden.length > 0 ? `[${hidden.join(', ')} not shown]` : '';
  return [shortened(plain), mark ?? '', note].filter((part) => part !== '').join('\n');
}

/** The line that stands for an image. One too many or too large is only named. */
function imageMark(type: NotebookImage['type'], base64: string, images: NotebookImage[]): string {
  const size = `${type}, ${Math.ceil((base64.length * 3) / 4 / 1_000)} KB`;
  const fits = images.length < MAX_IMAGES && base64 !== '' && base64.length <= MAX_IMAGE_CHARACTERS;
  if (!fits || !/^[\w+/]+={0,2}$/u.test(base64)) return `[${size}, not shown]`;
  const mark = `[image ${images.length + 1}: ${size}]`;
  images.push({ mark, type, base64 });
  return mark;
}

function errorText({ ename, evalue, traceback }: Fields): string {
  const lines = Array.isArray(traceback) ? traceback.filter((line) => typeof line === 'string') : [];
  if (lines.length > 0) return shortened(lines.join('\n'));
  return `${typeof ename === 'string' ? ename : 'Error'}: ${typeof evalue === 'string' ? shortened(evalue) : ''}`;
}

function shortened(text: string): string {
  return headAndTail(cleanOutput(text).trimEnd(), MAX_OUTPUT_CHARACTERS / 2, MAX_OUTPUT_CHARACTERS / 2).text;
}
