import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import { defineTool, ToolError, type PathFact, type ToolOutput } from '../agent/tool';
import { hashOf } from '../agent/store';
import type { FileSnapshot, Host } from '../host/host';
import { mediaKind, describeBinary } from '../text/media';
import { parseNotebook, type Cell } from '../text/notebook';
import { notebookView, type NotebookImage } from '../text/notebook-view';
import { cutLine } from '../text/truncate';
import { imageBlock, type ImageMedia } from './shared-images';
import { isEdited, isNotebookPath } from './shared-notebook';
import { missingFile, pathAction } from './shared-paths';
import { currentFile } from './shared-text';

const MAX_LINES = 2_000;
const MAX_BYTES = 50_000;
const MAX_LINE_CHARACTERS = 2_000;
const MAX_PDF_BYTES = 32_000_000;
const MAX_PDF_PAGES = 100;
/** Past this, reading and hashing would hold up the editor, and a text would not fit into a string. */
const MAX_OPENED_BYTES = 256_000_000;

const input = z.object({
  file_path: z.string(),
  offset: z.int().min(1).optional().describe('First line, from 1'),
  limit: z.int().min(1).optional().describe('Lines at most'),
});

export const read = defineTool<Host, typeof input>({
  name: 'Read',
  description: `Read a file: text with line numbers (${MAX_LINES} lines or ${MAX_BYTES / 1_000} KB at a time; go on with offset), a notebook as its cells, an image or a PDF.`,
  input,
  reads: true,
  title: ({ file_path }) => `Reading ${file_path}`,
  action: ({ file_path }, context) => pathAction('read', file_path, context),
  async run({ file_path, offset, limit }, context) {
    const file = await context.host.locate(file_path);
    const stat = await context.host.stat(file.path);
    if (stat?.type === 'directory') throw new ToolError(`${file.shown} is a folder. List it instead.`);
    if (stat?.type === 'other') throw new ToolError(`${file.shown} is no regular file (a device, pipe or socket).`);
    if (stat && stat.size > MAX_OPENED_BYTES)
      throw new ToolError(
        `${file.shown} has ${stat.size} bytes; files over ${MAX_OPENED_BYTES} are not opened. Look at a part of it with a command.`,
      );
    const snapshot = await context.host.read(file.path);
    if (!snapshot) throw await missingFile(file, context);
    const reads = [{ path: file.path, hash: hashOf(currentFile(snapshot).bytes) }];
    const view = { kind: 'files' as const, paths: [file.path] };
    const edited = (cell: Cell): boolean => isEdited(file.path, cell, context);
    return { content: await contentOf(file, snapshot, { offset, limit }, edited, context.host), reads, view };
  },
});

interface Part {
  offset: number | undefined;
  limit: number | undefined;
}

async function contentOf(
  file: PathFact,
  snapshot: FileSnapshot,
  part: Part,
  edited: (cell: Cell) => boolean,
  host: Host,
): Promise<ToolOutput['content']> {
  const { bytes, unsavedText } = snapshot;
  const kind = unsavedText === undefined ? mediaKind(bytes) : undefined;
  if (kind === 'application/pdf') return pdfContent(file, bytes);
  if (kind) return imageContent(file, bytes, kind, host);
  const text = currentFile(snapshot).decoded?.text;
  if (text === undefined) return `${file.shown} is not text. ${describeBinary(file.path, bytes)}`;
  const notebook = isNotebookPath(file.path) && text !== '' ? parseNotebook(text) : undefined;
  const isBroken = notebook !== undefined && 'problem' in notebook;
  const cells = notebook === undefined || isBroken ? { text, images: [] } : notebookView(notebook, edited);
  const shown = [
    cells.text === '' && text !== ''
      ? `${file.shown} is a notebook without cells.`
      : numbered(file.shown, cells.text, part),
    ...(isBroken ? [`(${file.shown} cannot be read as cells: ${notebook.problem}. This is its plain text.)`] : []),
    ...(unsavedText === undefined
      ? []
      : [`(${file.shown} has unsaved changes in the editor; this is the unsaved text.)`]),
  ].join('\n');
  return withImages(shown, cells.images, host);
}

/** The images whose marks are in the part that is shown, after the text. */
async function withImages(
  text: string,
  images: readonly NotebookImage[],
  host: Host,
): Promise<ContentBlockParam[] | string> {
  const shown = images.filter(({ mark }) => text.includes(mark));
  if (shown.length === 0) return text;
  const blocks = shown.map(async ({ mark, type, base64 }): Promise<ContentBlockParam[]> => {
    const image = await imageBlock(Buffer.from(base64, 'base64'), type, host);
    if ('problem' in image) return [{ type: 'text', text: `${mark} ${image.problem}.` }];
    return [{ type: 'text', text: image.scaled ? `${mark} (${image.scaled})` : mark }, image.block];
  });
  return [{ type: 'text', text }, ...(await Promise.all(blocks)).flat()];
}

async function imageContent(
  file: PathFact,
  bytes: Uint8Array,
  media: ImageMedia,
  host: Host,
): Promise<ContentBlockParam[] | string> {
  const image = await imageBlock(bytes, media, host);
  if ('problem' in image) return `${file.shown} ${image.problem}. ${describeBinary(file.path, bytes)}`;
  return image.scaled ? [{ type: 'text', text: `${file.shown}, ${image.scaled}:` }, image.block] : [image.block];
}

function pdfContent(file: PathFact, bytes: Uint8Array): ContentBlockParam[] | string {
  const limits = `at most ${MAX_PDF_BYTES} bytes and ${MAX_PDF_PAGES} pages are shown`;
  if (bytes.length > MAX_PDF_BYTES)
    return `${file.shown} has ${bytes.length} bytes; ${limits}. ${describeBinary(file.path, bytes)}`;
  const pages = pdfPages(bytes);
  if (pages > MAX_PDF_PAGES)
    return `${file.shown} has ${pages} pages; ${limits}. Take the pages you need out of it with a command. ${describeBinary(file.path, bytes)}`;
  const data = Buffer.from(bytes).toString('base64');
  return [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }];
}

/** The count that the root of the page tree states; 0 where it lies in a compressed part, which the API then judges. */
function pdfPages(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString('latin1');
  const trees = text.matchAll(
    /\/Type\s*\/Pages\b[^>]{0,2000}?\/Count\s+(\d+)|\/Count\s+(\d+)[^>]{0,2000}?\/Type\s*\/Pages\b/gu,
  );
  return Math.max(0, ...[...trees].map(([, after, before]) => Number(after ?? before)));
}

/** Lines with their numbers, and what is left out. Throws a ToolError for an offset past the end. */
export function numbered(name: string, text: string, { offset = 1, limit = MAX_LINES }: Part): string {
  if (text === '') return `${name} is empty.`;
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  if (offset > lines.length)
    throw new ToolError(`${name} has ${lines.length} lines; offset ${offset} is past its end.`);
  const shown: string[] = [];
  let size = 0;
  const width = String(Math.min(lines.length, offset + limit)).length;
  for (const [index, line] of lines.slice(offset - 1, offset - 1 + Math.min(limit, MAX_LINES)).entries()) {
    const row = `${String(offset + index).padStart(width)}\t${cutLine(line, MAX_LINE_CHARACTERS)}`;
    size += Buffer.byteLength(row) + 1;
    if (size > MAX_BYTES && shown.length > 0) break;
    shown.push(row);
  }
  const last = offset - 1 + shown.length;
  if (offset === 1 && last === lines.length) return shown.join('\n');
  const next = last < lines.length ? ` Go on with offset ${last + 1}.` : '';
  return `${shown.join('\n')}\n[Lines ${offset} to ${last} of ${lines.length}.${next}]`;
}
