import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { findSkills } from '../../src/library/skills';
import { copySkill } from '../../src/vscode/copy-skill';
import { LastCommands } from '../../src/vscode/last-commands';
import { byCategory, skillCards } from '../../src/vscode/skill-cards';
import { skillPrompt } from '../../src/vscode/skill-prompt';

const temporary = async (): Promise<string> => realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-launch-')));

describe('the launcher', () => {
  let folder = '';

  before(async () => {
    folder = await temporary();
    const skills: Record<string, string> = {
      one: 'metadata:\n  category: Testing\nargument-hint: [path]',
      two: 'metadata: 7\nargument-hint: "which run"',
      three: 'metadata:\n  category: "Zeta\\u202e\\n"',
      hidden: 'user-invocable: false',
      'with blank': 'name: with blank',
    };
    for (const [name, head] of Object.entries(skills)) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'SKILL.md'), `---\ndescription: Use when ${name}.\n${head}\n---\n\nBody.\n`);
    }
  });

  it('groups skills by the category they name, else as yours or others, and leaves out what nobody can run', async () => {
    const grouped = async (source: 'bundled' | 'personal'): Promise<[string, string[]][]> =>
      [...byCategory(await skillCards(await findSkills([{ source, folder }])))].map(([category, cards]) => [
        category,
        cards.map(({ name, argumentHint }) => `${name} ${argumentHint}`.trim()),
      ]);
    assert.deepEqual(await grouped('personal'), [
      ['Yours', ['two which run']],
      ['Testing', ['one [path]']],
      ['Zeta⟨U+202E⟩', ['three']],
    ]);
    assert.deepEqual(
      (await grouped('bundled')).map(([category]) => category),
      ['Testing', 'Zeta⟨U+202E⟩', 'Other'],
    );
  });

  it('makes one prompt of a skill, however it was picked', () => {
    const skills = [
      { name: 'one', path: '/skills/one/SKILL.md' },
      { name: 'shown-name', path: '/skills/two/SKILL.md' },
    ];
    const picked = (path: string) => ({ id: `vscode.prompt.file__${path}`, value: vscode.Uri.file(path) });
    const file = { id: 'file', value: vscode.Uri.file('/skills/one/SKILL.md') };
    const promptOf = (prompt: string, path: string, command?: string): string =>
      skillPrompt({ prompt, references: [picked(path)], command }, skills).prompt;
    assert.equal(promptOf('/one  the rest', '/skills/one/SKILL.md'), '/one the rest');
    assert.equal(promptOf('the rest', '/skills/one/SKILL.md'), '/one the rest');
    assert.equal(promptOf('/data/x.csv\nis odd', '/skills/one/SKILL.md'), '/one /data/x.csv\nis odd');
    assert.equal(promptOf('/two rest', '/skills/two/SKILL.md'), '/shown-name rest');
    assert.equal(promptOf('', '/elsewhere/one/SKILL.md'), '/one');
    assert.equal(promptOf('the rest', '/skills/one/SKILL.md', 'one'), '/one the rest');
    assert.equal(promptOf('/own words', '/repo/.github/prompts/own.prompt.md'), '/own words');
    // Attached by the person as a file: it is read, not run.
    const attached = skillPrompt({ prompt: 'compare', references: [file] }, skills);
    assert.deepEqual(attached, { prompt: 'compare', references: [file] });
    assert.deepEqual(
      skillPrompt({ prompt: 'x', references: [picked('/skills/one/SKILL.md'), file] }, skills).references,
      [file],
    );
  });

  it('copies a skill whole, without links, and opens it; never through a link out of the workspace', async () => {
    const [workspace, outside] = [await temporary(), await temporary()];
    await mkdir(join(folder, 'one', 'scripts'));
    await writeFile(join(folder, 'one', 'scripts', 'find.sh'), 'echo found\n');
    await symlink('/etc/hostname', join(folder, 'one', 'link.txt'));
    const target = { uri: vscode.Uri.file(workspace), name: 'w', index: 0 };
    const skill = { name: 'one', path: join(folder, 'one', 'SKILL.md') };
    await copySkill(skill, target);
    const copy = join(workspace, '.factory', 'skills', 'one');
    assert.deepEqual((await readdir(copy)).sort(), ['SKILL.md', 'scripts']);
    assert.equal(await readFile(join(copy, 'scripts', 'find.sh'), 'utf8'), 'echo found\n');
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, join(copy, 'SKILL.md'));
    await assert.rejects(copySkill({ name: 'one', path: join(copy, 'SKILL.md') }, target), /this very skill/u);

    const hostile = await temporary();
    await symlink(outside, join(hostile, '.factory'));
    const there = { uri: vscode.Uri.file(hostile), name: 'h', index: 0 };
    await assert.rejects(copySkill(skill, there), /leads out of the workspace/u);
    assert.deepEqual(await readdir(outside), []);
  });

  it('knows the last command of a terminal: its words, its exit code and what it printed', async function () {
    this.timeout(60_000);
    const commands = new LastCommands();
    const terminal = vscode.window.createTerminal({ name: 'last', shellPath: '/bin/bash' });
    terminal.show();
    const ended = new Promise<void>((resolve) => {
      const listener = vscode.window.onDidEndTerminalShellExecution((event) => {
        if (event.terminal !== terminal) return;
        listener.dispose();
        resolve();
      });
    });
    const integrated = await new Promise<boolean>((resolve) => {
      if (terminal.shellIntegration) return resolve(true);
      const listener = vscode.window.onDidChangeTerminalShellIntegration((event) => {
        if (event.terminal === terminal) done(true);
      });
      const timer = setTimeout(() => done(false), 30_000);
      const done = (there: boolean): void => {
        clearTimeout(timer);
        listener.dispose();
        resolve(there);
      };
    });
    assert.ok(integrated, 'bash has shell integration');
    assert.equal(await commands.last(terminal), undefined);
    terminal.shellIntegration?.executeCommand("sleep 1; printf '\\033[31mred words\\033[0m\\n'; (exit 3)");
    await ended;
    const last = await commands.last(undefined);
    assert.equal(last?.exitCode, 3);
    assert.match(last.line, /red words/u);
    assert.match(last.output, /^red words$/mu);
    terminal.dispose();
    commands.dispose();
  });
});
