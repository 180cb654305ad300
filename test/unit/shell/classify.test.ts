import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { worstOf, type CommandClass, type Dialect } from '../../../src/agent/tool';
import { classifyLine } from '../../../src/shell/classify';
import { grammarOf, type Grammar } from '../../../src/shell/grammar';

const PLACE = { cwd: '/work/repo', folders: ['/work/repo'] };
const TABLES: readonly { dialect: Dialect; file: string; least: number }[] = [
  { dialect: 'bash', file: 'commands.json', least: 300 },
  { dialect: 'powershell', file: 'powershell-commands.json', least: 80 },
];

for (const { dialect, file, least } of TABLES) {
  const rows = JSON.parse(readFileSync(join(__dirname, '../../fixtures', file), 'utf8')) as {
    line: string;
    class: CommandClass;
  }[];

  describe(`the classification of ${dialect} commands`, () => {
    let grammar: Grammar;
    before(async () => {
      grammar = await grammarOf(dialect);
    });

    it(`has a table of at least ${least} lines`, () => assert.ok(rows.length >= least, String(rows.length)));

    for (const { line, class: expected } of rows) {
      it(`${JSON.stringify(line)} is ${expected}`, () => {
        const parts = classifyLine(line, grammar, PLACE);
        assert.equal(worstOf(parts), expected, JSON.stringify(parts));
        assert.ok(parts.every(({ reason, text }) => reason !== '' && text !== ''));
      });
    }
  });
}

describe('a grammar that does not load', () => {
  it('leaves every command unknown to all rules, and one that deletes destructive', async () => {
    const none = await grammarOf('powershell', 'none.wasm');
    for (const [line, expected] of [
      ['Get-ChildItem', 'unknown'],
      ['Remove-Item x', 'destructive'],
    ] as const) {
      const parts = classifyLine(line, none, PLACE);
      assert.equal(worstOf(parts), expected);
      assert.ok(parts.every(({ opaque }) => opaque));
    }
  });
});

describe('a line that takes long to read', () => {
  it('is left unread after a while, as unknown, and the next one is read for itself', async () => {
    const grammar = await grammarOf('bash');
    const line = `\${x${'|'.repeat(45_000)}`;
    const parts = classifyLine(line, grammar, PLACE);
    assert.equal(worstOf(parts), 'unknown');
    assert.ok(parts.every(({ opaque }) => opaque));
    assert.equal(worstOf(classifyLine('ls', grammar, PLACE)), 'read-only');
  });
});

describe('PowerShell on Windows', () => {
  it('tells what lies in the workspace from what does not, in any case of letters', async () => {
    const grammar = await grammarOf('powershell');
    const place = { cwd: 'C:\\Users\\me\\Repo', folders: ['C:\\Users\\me\\Repo'] };
    const classOf = (line: string): CommandClass => worstOf(classifyLine(line, grammar, place));
    assert.equal(classOf('Get-Content c:\\users\\ME\\repo\\src\\a.py'), 'read-only');
    assert.equal(classOf('Get-Content .\\src\\a.py'), 'read-only');
    assert.equal(classOf('Get-Content C:\\Users\\me\\Other\\a.py'), 'unknown');
    assert.equal(classOf('Get-Content ..\\Other\\a.py'), 'unknown');
    assert.equal(classOf("'x' > C:\\Users\\me\\profile.txt"), 'destructive');
  });
});
