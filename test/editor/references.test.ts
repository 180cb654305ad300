import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Session } from '../../src/agent/session';
import { createNodeHost } from '../../src/host/node';
import { findSkills } from '../../src/library/skills';
import { createTools } from '../../src/tools/index';
import { attach, type Attached } from '../../src/vscode/references';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('what is attached to a message', () => {
  let folder = '';

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-attach-')));
    await writeFile(join(folder, 'a.py'), 'one\ntwo\nthree\nfour\n');
    await writeFile(join(folder, '.env'), 'KEY=secret-value\n');
    await symlink('/etc/hostname', join(folder, 'link.txt'));
  });

  const attached = async (...values: unknown[]): Promise<Attached> => {
    const host = createNodeHost({ folders: [folder] });
    const tools = createTools({ names: [], read: () => Promise.resolve(undefined) });
    const policy = { mode: 'ask', trusted: true, allow: [], ask: [], deny: [] } as const;
    const references = values.map((value, index) => ({ id: `reference-${index}`, value }));
    const session = await Session.open('attach');
    return attach(references, { host, session, tools, skills: [], policy, signal: new AbortController().signal });
  };
  const textOf = ({ blocks }: Attached): string =>
    blocks.map((block) => (block.type === 'text' ? block.text : block.type)).join('\n');
  const file = (name: string): vscode.Uri => vscode.Uri.file(join(folder, name));

  it('reaches the model: files, ranges with their numbers, folders, symbols, problems, strings and images', async () => {
    const range = new vscode.Range(1, 0, 3, 0);
    const problem = new vscode.Diagnostic(range, 'undefined name');
    const result = await attached(
      new vscode.Location(file('a.py'), range),
      vscode.Uri.file(folder),
      { name: 'f', location: new vscode.Location(file('a.py'), new vscode.Range(3, 0, 3, 4)) },
      { diagnostics: [[file('a.py'), [problem]]] },
      'a string',
      { mimeType: 'image/png', data: () => Promise.resolve(Buffer.from(PIXEL, 'base64')) },
    );
    assert.deepEqual(result.problems, []);
    const text = textOf(result);
    assert.match(text, /path="a\.py" lines="2-3"/u);
    assert.match(text, /2\ttwo\n3\tthree/u);
    assert.doesNotMatch(text, /\tone/u);
    assert.match(text, /kind="folder"[^]*a\.py/u);
    assert.match(text, /4\tfour/u);
    assert.match(text, /a\.py:2: undefined name/u);
    assert.match(text, /a string/u);
    assert.equal(result.blocks.filter(({ type }) => type === 'image').length, 1);
  });

  it('leaves out, and says so, what Read would have to ask for: secrets, and what lies outside, also through a link', async () => {
    const result = await attached(
      file('.env'),
      vscode.Uri.file('/etc/hostname'),
      file('link.txt'),
      file('missing.py'),
      Symbol('odd'),
    );
    assert.equal(result.problems.length, 5, JSON.stringify(result));
    assert.deepEqual(result.blocks, []);
  });

  it('calls a skill by the menu of skills, and reads its file like any other where it was attached as one', async () => {
    const path = join(folder, 'eda', 'SKILL.md');
    await mkdir(join(folder, 'eda'));
    await writeFile(path, '---\nname: eda\ndescription: d\n---\nBody\n');
    const attaching = {
      host: createNodeHost({ folders: [folder] }),
      session: await Session.open('attach'),
      tools: createTools({ names: [], read: () => Promise.resolve(undefined) }),
      skills: await findSkills([{ source: 'project', folder }]),
      policy: { mode: 'ask', trusted: true, allow: [], ask: [], deny: [] } as const,
      signal: new AbortController().signal,
    };
    const value = vscode.Uri.file(path);
    const called = await attach([{ id: `vscode.prompt.file__${value.toString()}`, value }], attaching);
    assert.deepEqual(called, { blocks: [], skills: ['eda'], problems: [] });
    const read = await attach([{ id: 'file', value }], attaching);
    assert.deepEqual(read.skills, []);
    assert.match(textOf(read), /kind="file" path="eda\/SKILL\.md"[^]*Body/u);
  });

  it('drops what VS Code adds by itself', async () => {
    const host = createNodeHost({ folders: [folder] });
    const session = await Session.open('attach');
    const policy = { mode: 'ask', trusted: true, allow: [], ask: [], deny: [] } as const;
    const reference = { id: 'vscode.customizations.index', value: 'a listing' };
    const result = await attach([reference], {
      host,
      session,
      tools: [],
      skills: [],
      policy,
      signal: new AbortController().signal,
    });
    assert.deepEqual(result, { blocks: [], skills: [], problems: [] });
  });
});
