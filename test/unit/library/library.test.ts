import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findDroids, parseDroid } from '../../../src/library/droids';
import { parseFrontmatter } from '../../../src/library/frontmatter';
import { chooseByName } from '../../../src/library/shadowing';
import { MAX_BUNDLED_BYTES, skillListing } from '../../../src/library/skill-listing';
import { findSkills, readSkill } from '../../../src/library/skills';

const at = { source: 'project', path: '/x.md' } as const;

describe('front matter', () => {
  for (const language of ['js', 'javascript', 'coffee', 'json', ' js', 'JS']) {
    it(`refuses "${language}" without running it`, () => {
      const { fields, body, problems } = parseFrontmatter(`---${language}\nglobalThis.pwned = true\n---\nbody\n`);
      assert.equal((globalThis as { pwned?: boolean }).pwned, undefined);
      assert.deepEqual(fields, {});
      assert.equal(body.trim(), 'body');
      assert.match(problems.join(), /only YAML is read/u);
    });
  }

  it('does not run a YAML tag', () => {
    const { problems } = parseFrontmatter('---\nname: !!js/function "function () { globalThis.pwned = true }"\n---\n');
    assert.equal((globalThis as { pwned?: boolean }).pwned, undefined);
    assert.equal(problems.length, 1);
  });

  it('reads BOM, CRLF and no front matter at all', () => {
    assert.deepEqual(parseFrontmatter('\uFEFF---\r\nname: a\r\n---\r\nbody').fields, { name: 'a' });
    assert.deepEqual(parseFrontmatter('# Just text').fields, {});
  });

  it('makes what it can of an unquoted colon, and says so, each time', () => {
    for (let time = 0; time < 2; time++) {
      const { fields, problems, body } = parseFrontmatter('---\nname: a\ndescription: Use when: always\n---\nbody');
      assert.equal(fields['description'], 'Use when: always');
      assert.equal(body, 'body');
      assert.match(problems.join(), /not valid YAML/u);
    }
  });

  it('survives an unclosed head', () => {
    assert.match(parseFrontmatter('---\nname: a\n').problems.join(), /not closed/u);
  });
});

describe('droids', () => {
  it('read tools as a list and as a line, and all tools when none are named', () => {
    const tools = (head: string): unknown => parseDroid(`---\nname: a\n${head}\n---\nbody`, 'a', at).tools;
    assert.deepEqual(tools('tools: [Read, Edit]'), ['Read', 'Edit']);
    assert.deepEqual(tools('tools: Read, Edit'), ['Read', 'Edit']);
    assert.equal(tools('model: x'), undefined);
  });

  it('with a broken head still load, with their problem', () => {
    const droid = parseDroid('---\nname: [\n---\nbody', 'fallback', at);
    assert.match(droid.problems.join(), /not valid YAML/u);
    assert.equal(droid.prompt, 'body');
  });
});

describe('the library', () => {
  let root: string;
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'library-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('lets the accepted droid of the project win over the bundled one of the same name', async () => {
    await put('bundled/a.md', '---\nname: a\n---\nbundled');
    await put('project/other-name.md', '---\nname: a\n---\nproject');
    const found = await findDroids([
      { source: 'bundled', folder: join(root, 'bundled') },
      { source: 'project', folder: join(root, 'project') },
      { source: 'personal', folder: join(root, 'missing') },
    ]);
    const [droid, ...rest] = chooseByName('droid', found, () => true).used;
    assert.equal(droid?.prompt, 'project');
    assert.equal(rest.length, 0);
  });

  it('finds skills with the files beside them, and ends at a cycle of links', async () => {
    await put('skills/one/SKILL.md', '---\ndescription: Use when one.\n---\nBody of one');
    await put('skills/one/scripts/run.py', 'print()');
    await symlink(join(root, 'skills/one'), join(root, 'skills/one/loop'));
    const [skill] = await findSkills([{ source: 'bundled', folder: join(root, 'skills') }]);
    assert.equal(skill?.name, 'one');
    const text = skill && (await readSkill(skill));
    assert.equal(text?.text, 'Body of one');
    assert.deepEqual(text?.files, ['scripts/run.py']);
  });

  it('says that a file is too large instead of reading it', async () => {
    await put('skills/big/SKILL.md', 'x'.repeat(1_000_001));
    const [skill] = await findSkills([{ source: 'project', folder: join(root, 'skills') }]);
    assert.match(skill?.problems.join() ?? '', /1000001 bytes/u);
  });

  it('lists skills within its budget, whatever their descriptions', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      name: `skill-${index}`,
      description: 'long '.repeat(200),
    }));
    const { text: listing } = skillListing(many);
    assert.ok(Buffer.byteLength(listing) <= MAX_BUNDLED_BYTES);
    assert.ok(many.every(({ name }) => listing.includes(name)));
    assert.equal(skillListing([]).text, '');
  });
});
