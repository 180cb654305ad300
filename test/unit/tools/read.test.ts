import type { Base64ImageSource, ImageBlockParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import assert from 'node:assert/strict';
import { decode, encode } from 'fast-png';
import { hashOf } from '../../../src/agent/store';
import { scaleImage } from '../../../src/host/scale-image';
import { read } from '../../../src/tools/read';
import { FakeSession, FOLDER, textOf } from '../../support/fake-tool-context';
import { createMemoryHost } from '../../support/memory-host';

const readText = async (session: FakeSession, input: object): Promise<string> =>
  textOf(await session.call(read, input));
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

describe('Read', () => {
  it('numbers lines from 1 and says nothing more of a whole file', async () => {
    const session = new FakeSession({ files: { 'a.py': 'x = 1\r\ny = 2\r\n' } });
    assert.equal(await readText(session, { file_path: 'a.py' }), '1\tx = 1\n2\ty = 2');
  });

  it('names the next offset of a partial view, and goes on from there', async () => {
    const session = new FakeSession({ files: { a: lines(2_500) } });
    assert.match(
      await readText(session, { file_path: 'a' }),
      /\[Lines 1 to 2000 of 2500\. Go on with offset 2001\.\]$/,
    );
    const rest = await readText(session, { file_path: 'a', offset: 2_001 });
    assert.match(rest, /^2001\tline 2001\n/);
    assert.match(rest, /\[Lines 2001 to 2500 of 2500\.\]$/);
  });

  it('gives no more lines than asked for', async () => {
    const session = new FakeSession({ files: { a: lines(9) } });
    assert.equal(
      await readText(session, { file_path: 'a', offset: 3, limit: 2 }),
      '3\tline 3\n4\tline 4\n[Lines 3 to 4 of 9. Go on with offset 5.]',
    );
  });

  it('stops before 50 KB', async () => {
    const session = new FakeSession({ files: { a: `${'é'.repeat(1_000)}\n`.repeat(100) } });
    const text = await readText(session, { file_path: 'a' });
    assert.ok(Buffer.byteLength(text) < 50_200);
    assert.match(text, /Go on with offset 25\.\]$/);
  });

  it('cuts a long line, and never in the middle of a character', async () => {
    const session = new FakeSession({ files: { a: `${'x'.repeat(1_999)}😀${'y'.repeat(100)}` } });
    const text = await readText(session, { file_path: 'a' });
    assert.match(text, /^1\tx{1999} \[line cut: 2101 characters\]$/);
  });

  it('says how many lines there are when the offset is past the end', async () => {
    const session = new FakeSession({ files: { 'src/a.ts': lines(40) } });
    const output = await session.call(read, { file_path: 'src/a.ts', offset: 90 });
    assert.deepEqual([output.isError, output.content], [true, 'src/a.ts has 40 lines; offset 90 is past its end.']);
  });

  it('says that an empty file is empty', async () => {
    assert.equal(await readText(new FakeSession({ files: { a: '' } }), { file_path: 'a' }), 'a is empty.');
  });

  it('names the nearest names for a missing file', async () => {
    const session = new FakeSession({ files: { 'src/train.py': '', 'src/model.py': '' } });
    assert.equal(
      await readText(session, { file_path: 'src/trian.py' }),
      'There is no file or folder src/trian.py. Near it: train.py, model.py.'.replace(', model.py', ''),
    );
    assert.equal(await readText(session, { file_path: 'no/a.py' }), 'There is no no/a.py, nor its folder.');
  });

  it('says what a folder and a device are instead of failing', async () => {
    const session = new FakeSession({ files: { 'src/a': '' } });
    assert.equal(await readText(session, { file_path: 'src' }), 'src is a folder. List it instead.');
    assert.match(await readText(session, { file_path: '/dev/zero' }), /no regular file/);
  });

  it('shows unsaved text, says so, and remembers the bytes it showed', async () => {
    const session = new FakeSession({ files: { a: 'old' }, unsaved: { a: 'new' } });
    const output = await session.call(read, { file_path: 'a' });
    assert.equal(output.content, '1\tnew\n(a has unsaved changes in the editor; this is the unsaved text.)');
    assert.deepEqual(output.reads, [{ path: session.absolute('a'), hash: hashOf(Buffer.from('new')) }]);
  });

  for (const [name, bytes] of [
    ['UTF-8 with a mark', Buffer.from('\ufeffcafé')],
    ['UTF-16 LE', Buffer.from('\ufeffcafé', 'utf16le')],
    ['UTF-16 BE', Buffer.from('\ufeffcafé', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('café', 'latin1')],
  ] as const) {
    it(`reads ${name}`, async () => {
      assert.equal(await readText(new FakeSession({ files: { a: bytes } }), { file_path: 'a' }), '1\tcafé');
    });
  }

  it('describes a binary file by type, size and hash, and shows none of it', async () => {
    const bytes = Buffer.from('PK\u0003\u0004\u0000\u0000secret');
    const text = await readText(new FakeSession({ files: { 'model.pt': bytes } }), { file_path: 'model.pt' });
    assert.match(text, /^model\.pt is not text\. PyTorch checkpoint \(a pickle: it is never loaded/);
    assert.ok(text.includes(`${bytes.length} bytes, SHA-256 ${hashOf(bytes)}`));
    assert.ok(!text.includes('secret'));
  });

  for (const [media, head] of [
    ['image/png', '\u0089PNG\r\n\u001a\n'],
    ['image/jpeg', '\u00ff\u00d8\u00ff\u00e0'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\u0000\u0000\u0000\u0000WEBP'],
    ['application/pdf', '%PDF-1.7'],
  ] as const) {
    it(`gives ${media} as its block, told by content and not by name`, async () => {
      const bytes = Buffer.from(head, 'latin1');
      const { content } = await new FakeSession({ files: { 'x.dat': bytes } }).call(read, { file_path: 'x.dat' });
      assert.deepEqual(content, [
        {
          type: media === 'application/pdf' ? 'document' : 'image',
          source: { type: 'base64', media_type: media, data: bytes.toString('base64') },
        },
      ]);
    });
  }

  it('describes an image over 5 MB instead of sending it', async () => {
    const bytes = Buffer.concat([Buffer.from('\u0089PNG\r\n', 'latin1'), Buffer.alloc(5_000_000)]);
    const text = await readText(new FakeSession({ files: { 'a.png': bytes } }), { file_path: 'a.png' });
    assert.match(text, /^a\.png has 5000006 bytes and 0 x 0 pixels; at most 5000000 bytes are shown\./);
  });

  it('gives a large PNG scaled down to 2,000 pixels, each colour kept, and says so', async () => {
    const [width, height] = [3_001, 40];
    // Left half red, right half blue, once with plain colours and once with a table of them.
    const isLeft = (at: number): boolean => at % width < width / 2;
    const plain = encode({
      width,
      height,
      channels: 3,
      data: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
        const channel = at % 3;
        return channel === (isLeft(Math.floor(at / 3)) ? 0 : 2) ? 255 : 0;
      }),
    });
    const host = { ...createMemoryHost(FOLDER, new Map([[`${FOLDER}/plot.png`, plain]])), scaleImage };
    const { content } = await new FakeSession({ host }).call(read, { file_path: 'plot.png' });
    const [note, block] = content as [TextBlockParam, ImageBlockParam];
    assert.equal(note.text, 'plot.png, scaled down from 3001 x 40 pixels:');
    const image = decode(Buffer.from((block.source as Base64ImageSource).data, 'base64'));
    assert.deepEqual([image.width, image.height], [2_000, 27]);
    assert.deepEqual([...image.data.slice(0, 3)], [255, 0, 0]);
    assert.deepEqual([...image.data.slice(1_999 * 3, 2_000 * 3)], [0, 0, 255]);
  });

  it('describes an image that cannot be made smaller, and a PDF with too many pages', async () => {
    const gif = Buffer.from('GIF89a\u0010\u0027\u0010\u0027', 'latin1');
    const pdf = Buffer.from('%PDF-1.7\n1 0 obj << /Type /Pages /Kids [] /Count 101 >> endobj');
    const session = new FakeSession({ files: { 'a.gif': gif, 'a.pdf': pdf } });
    assert.match(
      await readText(session, { file_path: 'a.gif' }),
      /^a\.gif has 10 bytes and 10000 x 10000 pixels; at most a side of 2000 pixels is shown\. Make a smaller copy/u,
    );
    assert.match(await readText(session, { file_path: 'a.pdf' }), /^a\.pdf has 101 pages; at most .* 100 pages/u);
  });

  it('shows a notebook as its cells and never as JSON', async () => {
    const notebook = JSON.stringify({
      cells: [
        { id: 'intro', cell_type: 'markdown', source: ['# Title\n', 'text'] },
        {
          id: 'c1',
          cell_type: 'code',
          execution_count: 3,
          source: 'plot()',
          outputs: [
            { output_type: 'stream', text: ['epoch 1\r', 'epoch 2\n'] },
            { output_type: 'display_data', data: { 'image/png': 'QUJD', 'text/plain': '<Figure>' } },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[31mTraceback\u001b[0m', 'E: v'] },
          ],
        },
      ],
      nbformat: 4,
    });
    const session = new FakeSession({ files: { 'a.ipynb': notebook } });
    const [first, ...images] = (await session.call(read, { file_path: 'a.ipynb' })).content;
    assert.deepEqual(images, [
      { type: 'text', text: '[image 1: image/png, 1 KB]' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
    ]);
    assert.equal(
      (typeof first === 'object' && first.type === 'text' ? first.text : '').replaceAll(/^ *\d+\t/gm, ''),
      [
        '=== cell intro markdown',
        '# Title',
        'text',
        '=== cell c1 code [3]',
        'plot()',
        '--- output',
        'epoch 2',
        '--- output',
        '<Figure>',
        '[image 1: image/png, 1 KB]',
        '--- output',
        'Traceback',
        'E: v',
      ].join('\n'),
    );
  });

  it('says of a cell that it did not run, and that it ran before one above it', async () => {
    const cell = (id: string, execution_count: number | null): object => ({
      id,
      cell_type: 'code',
      source: 'x',
      outputs: [],
      execution_count,
    });
    const json = JSON.stringify({ cells: [cell('a', 2), cell('b', 1), cell('c', null)] });
    const text = await readText(new FakeSession({ files: { 'a.ipynb': json } }), { file_path: 'a.ipynb' });
    assert.match(
      text,
      /cell a code \[2\]\n[^]*cell b code \[1\] \(ran before a cell above it\)\n[^]*cell c code \[ \]\n/u,
    );
  });

  it('shows the first and last of very many outputs, and only so many images', async () => {
    const outputs = Array.from({ length: 30 }, (_, index) => ({
      data: { 'image/png': 'QUJD', 'text/plain': `<${index}>` },
    }));
    const json = JSON.stringify({ cells: [{ id: 'a', cell_type: 'code', source: '', outputs }] });
    const session = new FakeSession({ files: { 'a.ipynb': json } });
    const content = (await session.call(read, { file_path: 'a.ipynb' })).content as { type: string; text?: string }[];
    assert.equal(content.filter(({ type }) => type === 'image').length, 8);
    assert.match(
      content[0]?.text ?? '',
      /<9>[^]*\[\.\.\. 10 outputs left out \.\.\.\][^]*<20>\n[^]*image\/png, 1 KB, not shown\]/u,
    );
    const part = await readText(session, { file_path: 'a.ipynb', limit: 3 });
    assert.doesNotMatch(part, /image 1/u);
  });

  it('shows a notebook that is none as plain text and says so', async () => {
    const session = new FakeSession({ files: { 'a.ipynb': '<<<<<<< HEAD' } });
    assert.match(
      await readText(session, { file_path: 'a.ipynb' }),
      /^1\t<<<<<<< HEAD\n\(a\.ipynb cannot be read as cells: it is not valid JSON/,
    );
  });

  it('survives cells of any shape', async () => {
    const session = new FakeSession({
      files: { 'a.ipynb': '{"cells":[null,3,{"outputs":[null,{"data":7}],"source":[1]}]}' },
    });
    assert.match(await readText(session, { file_path: 'a.ipynb' }), /=== cell cell-0 unknown/);
  });
});
