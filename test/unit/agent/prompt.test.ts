import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { environmentLines, newFacts, systemPrompt, undoNotes, type Environment } from '../../../src/agent/prompt';
import { toolSchema } from '../../../src/agent/tool';
import { loadDroid } from '../../../src/library/droids';
import { findSkills, skillListing } from '../../../src/library/skills';
import { createTools } from '../../../src/tools/index';

const PROJECT = resolve(__dirname, '..', '..', '..');
const GOLDEN = join(PROJECT, 'test', 'fixtures', 'system-prompt.txt');
const MAX_HEAD_BYTES = 24_000;

const environment: Environment = {
  os: 'linux 6.1',
  date: '2026-11-24',
  shell: 'bash',
  folders: [{ name: 'churn', path: '/work/churn' }],
  gitBranch: 'main',
  python: { path: '/usr/bin/python3', version: '3.11.7' },
  mode: 'ask',
};

async function wholePrompt(): Promise<string> {
  const droid = await loadDroid(join(PROJECT, 'droids', 'ml-engineer.md'), 'bundled');
  const skills = await findSkills([{ source: 'bundled', folder: join(PROJECT, 'skills') }]);
  return systemPrompt({
    persona: droid?.prompt ?? '',
    environment,
    instructions: [{ path: 'AGENTS.md', text: 'Run the tests with python3 -m unittest.' }],
    skills: skillListing(skills).text,
  });
}

const chain = (events: DurableEvent[]): JournalEntry[] =>
  events.map((event, index) => ({ id: `e${index + 1}`, parent: index === 0 ? null : `e${index}`, at: '', event }));
const start = (system: string): DurableEvent => ({
  type: 'session-start',
  version: 1,
  folders: [],
  droid: 'd',
  model: 'm',
  system,
  tools: [],
});

describe('the system prompt', () => {
  it('is this, word for word (UPDATE_GOLDEN=1 writes it anew, so that a diff shows what changed)', async () => {
    const text = await wholePrompt();
    if (process.env['UPDATE_GOLDEN']) await writeFile(GOLDEN, text);
    assert.equal(text, await readFile(GOLDEN, 'utf8'));
  });

  it('names no tool', async () => {
    const droid = await loadDroid(join(PROJECT, 'droids', 'ml-engineer.md'), 'bundled');
    for (const name of droid?.tools ?? []) {
      if (['Read', 'Edit', 'Create', 'Task', 'Execute'].includes(name)) continue; // Ordinary words, too.
      assert.doesNotMatch(droid?.prompt ?? '', new RegExp(`\\b${name}\\b`, 'u'));
    }
  });

  it('is, with the tools, within its budget', async () => {
    const tools = createTools({ names: [], read: async () => undefined }).map(toolSchema);
    const bytes = Buffer.byteLength(JSON.stringify([await wholePrompt(), tools]));
    assert.ok(bytes <= MAX_HEAD_BYTES, `${bytes} bytes`);
  });
});

describe('what changed since', () => {
  it('is told once, and again when it changes back', async () => {
    const branch = [start(await wholePrompt())];
    assert.deepEqual(newFacts(chain(branch), environmentLines(environment)), []);
    const moved = environmentLines({ ...environment, gitBranch: 'fix' });
    assert.deepEqual(newFacts(chain(branch), moved), ['Git branch: fix']);
    branch.push({ type: 'prompt', text: 'x', attachments: [], notes: ['Git branch: fix'] });
    assert.deepEqual(newFacts(chain(branch), moved), []);
    assert.deepEqual(newFacts(chain(branch), environmentLines(environment)), ['Git branch: main']);
  });

  it('is nothing for a new session, whose prompt says it all', () => {
    assert.deepEqual(newFacts([], environmentLines(environment)), []);
  });

  it('names the files a person put back since the last message, and only those', () => {
    const undo: DurableEvent = { type: 'undo', changes: [{ path: '/w/a.py', before: 'x', after: 'y' }] };
    const prompt: DurableEvent = { type: 'prompt', text: 'x', attachments: [], notes: [] };
    assert.match(
      undoNotes(chain([prompt, undo]), (path) => path.slice(3)).join(),
      /put back these files since: a\.py/u,
    );
    assert.deepEqual(
      undoNotes(chain([prompt, undo, prompt]), (path) => path),
      [],
    );
  });
});
