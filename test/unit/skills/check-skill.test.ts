import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GitWorkspace } from '../../support/git-workspace';

const SCRIPT = 'sharing-skills/scripts/check_skill.py';
const OURS = resolve(__dirname, '../../../skills');
const GOOD = `---
name: count-rows
description: "Use when rows must be counted: after a load or a join."
license: MIT
compatibility: Python 3.10
allowed-tools:
  - Read
metadata:
  category: Testing
---

# Count rows

See [the list](references/list.md) and [the format](https://example.org/).
`;

describe('check_skill.py', () => {
  let repo: GitWorkspace;
  beforeEach(() => {
    repo = new GitWorkspace();
    repo.put({ 'count-rows/SKILL.md': GOOD, 'count-rows/references/list.md': 'a list\n' });
  });
  afterEach(() => repo.remove());

  function faults(...words: string[]): string[] {
    const { code, out } = repo.run(SCRIPT, ['count-rows', ...words]);
    const lines = out.split('\n').filter((line) => line !== '');
    assert.equal(code, lines.some((line) => line.startsWith('count-rows: ')) ? 1 : 0, out);
    return lines.map((line) => line.replace('count-rows: ', ''));
  }
  /** The faults of several variants, from one run: starting Python is most of what a check takes. */
  function faultsOfEach(variants: readonly Record<string, string>[]): string[] {
    const names = variants.map((_, at) => `v${at}/count-rows`);
    for (const [at, variant] of variants.entries())
      for (const [file, text] of Object.entries({ 'SKILL.md': GOOD, 'references/list.md': 'x\n', ...variant }))
        repo.put({ [`${names[at]}/${file}`]: text });
    const lines = repo.run(SCRIPT, names).out.split('\n');
    return names.map((name) => lines.filter((line) => line.startsWith(`${name}: `)).join('\n'));
  }
  const withHead = (from: string | RegExp, to: string): string[] => {
    repo.put({ 'count-rows/SKILL.md': GOOD.replace(from, to) });
    return faults();
  };
  const holding = (lines: readonly string[]): string[] =>
    faultsOfEach(lines.map((line) => ({ 'references/list.md': `a list\n${line}\n` })));

  it('passes a good skill, with CRLF too, and the skills that ship with it', () => {
    assert.deepEqual(faults(), []);
    assert.deepEqual(withHead(/\n/gu, '\r\n'), []);
    const own = ['brainstorming', 'sharing-skills', 'subagent-driven-development', 'writing-skills'];
    assert.equal(
      repo.run(
        SCRIPT,
        own.map((name) => join(OURS, name)),
      ).out,
      '',
    );
  });

  it('wants the strict form of the frontmatter and only the six fields', () => {
    const bad: [RegExp | string, string, RegExp][] = [
      [/^---\n/u, '', /does not begin with frontmatter/u],
      ['license: MIT', 'version: 2\nlicense: MIT', /version is not one of/u],
      ['license: MIT', 'license: MIT\nlicense: MIT', /license stands there twice/u],
      ['"Use when rows must be counted: after a load or a join."', 'Use when: always', /in quotes/u],
      ['Python 3.10', '[a, b]', /in quotes/u],
      ['Python 3.10', '> folded', /in quotes/u],
      ['  category: Testing', '  category Testing', /is no `key: value`/u],
      ['compatibility: Python 3.10', '  stray: x', /belongs to no key/u],
      ['name: count-rows', 'name: Count-Rows', /small letters/u],
      ['name: count-rows', 'name: other', /differs from the folder/u],
      [/description: .*/u, 'description: ""', /description must have/u],
      [/description: .*/u, `description: ${'x'.repeat(1_025)}`, /description must have/u],
      [/description: .*/u, 'description: Use when a <b> is met', /holds < or >/u],
      [/metadata:\n.*\n/u, 'metadata: text\n', /must be a map/u],
      [/# Count rows[\s\S]*/u, '', /has no body/u],
      [/# Count rows[\s\S]*/u, 'x\n'.repeat(502), /the body has \d+ lines/u],
    ];
    const found = faultsOfEach(bad.map(([from, to]) => ({ 'SKILL.md': GOOD.replace(from, to) })));
    for (const [at, [from, , fault]] of bad.entries()) assert.match(found[at] ?? '', fault, String(from));
  });

  it('wants a licence, named or beside it', () => {
    assert.match(withHead('license: MIT\n', '').join(), /no licence is named/u);
    repo.put({ 'count-rows/LICENSE': 'MIT\n' });
    assert.deepEqual(faults(), []);
  });

  it('finds a secret by place and kind, and does not show it', () => {
    // Put together here, so that no scanner takes this file for a leak.
    const tail = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';
    const secrets = [
      ['AKIA', 'ABCDEFGHIJKLMNOP'],
      ['ghp', `_${tail}`],
      ['sk', `-proj-${tail}`],
      ['hf', '_abcdefghijklmnopqrstuvwxyzABCDEF'],
      ['xoxb', '-1234567890-abc'],
      ['postgres', '://ada:s3cretword@db.internal/x'],
      ['api_key', ` = "${tail}"`],
      ['-----BEGIN RSA ', 'PRIVATE KEY-----'],
    ];
    for (const [at, found] of holding(secrets.map((parts) => parts.join(''))).entries()) {
      assert.match(found, /references\/list\.md:2: holds a/u, secrets[at]?.[0]);
      assert.ok(!found.includes(secrets[at]?.[1] ?? ''), found);
    }
    const harmless = ['api_key = "<your key here>"', 'password: "$PASSWORD"', 'postgres://user:$PW@host/x', 'sk-learn'];
    for (const [at, found] of holding(harmless).entries()) assert.equal(found, '', harmless[at]);
  });

  it('finds paths of a person, and lets those of nobody be', () => {
    const own = ['/home/ingrid/data', '/Users/t.berg/x', 'C:\\Users\\tomas\\x', 'C:\\\\Users\\\\tomas'];
    for (const [at, found] of holding(own).entries()) assert.match(found, /path of a person's home/u, own[at]);
    const nobody = ['/home/you/data', '/Users/<name>/x', '$HOME/data', '/homework/x'];
    for (const [at, found] of holding(nobody).entries()) assert.equal(found, '', nobody[at]);
  });

  it('finds links that leave or lead nowhere, and files that others could not use', () => {
    assert.match(withHead('references/list.md', 'references/none.md').join(), /leads nowhere/u);
    assert.match(withHead('references/list.md', '../other/x.md').join(), /leaves the folder/u);
    repo.put({ 'count-rows/SKILL.md': GOOD, 'count-rows/best.pt': 'x', 'count-rows/big.txt': 'x'.repeat(1_000_001) });
    symlinkSync('/etc/hostname', join(repo.folder, 'count-rows/link.txt'));
    assert.match(
      faults().join('\n'),
      /best\.pt looks like data[\s\S]*big\.txt has 1000001 bytes[\s\S]*link\.txt is a link/u,
    );
    assert.match(repo.run(SCRIPT, ['.']).out, /there is no SKILL\.md/u);
  });

  it('names a byte order mark and bytes that are no text', () => {
    repo.put({ 'count-rows/SKILL.md': `\uFEFF${GOOD}` });
    assert.match(faults().join(), /byte order mark/u);
    repo.put({ 'count-rows/SKILL.md': Buffer.from([0x2d, 0xff]) });
    assert.match(faults().join(), /not UTF-8/u);
  });

  it('exports what passed, once, and replaces nothing that differs', () => {
    const place = join(repo.folder, '.agents', 'skills');
    const copy = join(place, 'count-rows', 'SKILL.md');
    assert.match(faults('--export', '.agents/skills').join(), /count-rows written$/u);
    assert.equal(readFileSync(copy, 'utf8'), GOOD);
    assert.deepEqual(readdirSync(place), ['count-rows']);
    assert.match(faults('--export', '.agents/skills').join(), /is the same already/u);
    repo.put({ '.agents/skills/count-rows/SKILL.md': 'theirs' });
    assert.match(faults('--export', '.agents/skills').join(), /is there and differs/u);
    assert.equal(readFileSync(copy, 'utf8'), 'theirs');
  });

  it('exports nothing that has a fault', () => {
    withHead('license: MIT\n', '');
    faults('--export', 'out');
    assert.ok(!existsSync(join(repo.folder, 'out')));
  });
});
