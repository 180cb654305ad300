import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classifyCommand, type CommandClass } from '../../../src/text/command-class';

const rows = JSON.parse(readFileSync(join(__dirname, '../../fixtures/commands.json'), 'utf8')) as {
  line: string;
  class: CommandClass;
}[];
const WORST: CommandClass[] = [
  'read-only',
  'changes-files',
  'runs-code',
  'installs',
  'network',
  'unknown',
  'destructive',
  'blocked',
];

describe('the classification of commands', () => {
  for (const { line, class: expected } of rows) {
    it(`${JSON.stringify(line)} is ${expected}`, () => {
      const classes = classifyCommand(line).map((part) => part.class);
      assert.equal(WORST[Math.max(...classes.map((one) => WORST.indexOf(one)))], expected, classes.join());
    });
  }

  it('gives every part a reason', () => {
    assert.ok(rows.every(({ line }) => classifyCommand(line).every(({ reason }) => reason !== '')));
  });
});
