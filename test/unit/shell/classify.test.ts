import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { worstOf, type CommandClass } from '../../../src/agent/tool';
import { classifyLine } from '../../../src/shell/classify';
import { bashGrammar, type Grammar } from '../../../src/shell/grammar';

const rows = JSON.parse(readFileSync(join(__dirname, '../../fixtures/commands.json'), 'utf8')) as {
  line: string;
  class: CommandClass;
}[];

describe('the classification of commands', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await bashGrammar();
  });

  it('has a table of at least 300 lines', () => assert.ok(rows.length >= 300, String(rows.length)));

  for (const { line, class: expected } of rows) {
    it(`${JSON.stringify(line)} is ${expected}`, () => {
      const parts = classifyLine(line, grammar, { cwd: '/work/repo', folders: ['/work/repo'] });
      assert.equal(worstOf(parts), expected, JSON.stringify(parts));
      assert.ok(parts.every(({ reason, text }) => reason !== '' && text !== ''));
    });
  }
});
