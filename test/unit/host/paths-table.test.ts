import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { judge } from '../../../src/agent/approval';
import { ToolError } from '../../../src/agent/tool';
import { createNodeHost } from '../../../src/host/node';
import { edit } from '../../../src/tools/edit';
import { read } from '../../../src/tools/read';
import rows from '../../fixtures/paths.json';
import { FakeSession } from '../../support/fake-tool-context';

/**
 * A call on a path, in a workspace made for it, and what is decided of it in the mode `acceptEdits`. `{ws}` is the
 * workspace folder (`{WS}` in capitals), `{two}` a second one, `{out}` a folder outside, `{home}` the home folder,
 * `{also}` one that counts as inside for reading.
 */
interface Row {
  tool: string;
  path: string;
  setup?: {
    files?: string[];
    /** Name to target: a target is taken as it stands. */
    links?: Record<string, string>;
    hardLinks?: Record<string, string>;
    /** `{two}` is a folder of the workspace, named `two`. */
    second?: boolean;
    /** Only where the file system is so. */
    caseInsensitive?: boolean;
  };
  platform?: string;
  decision: string;
  /** Part of it. */
  reason: string;
}

const TOOLS = { Read: read, Edit: edit };

describe('the table of paths', () => {
  let root: string;
  let home: string | undefined;
  let isCaseInsensitive: boolean;
  const filled = (text: string): string =>
    text.replaceAll(/\{(ws|WS|two|out|home|also)\}/gu, (_, name: string) =>
      name === 'WS' ? join(root, 'ws').toUpperCase() : join(root, name),
    );
  const at = (path: string): string => resolve(root, 'ws', filled(path));
  const folderOf = async (path: string): Promise<string> => {
    await mkdir(dirname(path), { recursive: true });
    return path;
  };

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-paths-')));
    isCaseInsensitive = existsSync(root.toUpperCase());
    home = process.env['HOME'];
    process.env['HOME'] = join(root, 'home');
    for (const path of ['ws/a.py', 'ws/src/a.py', 'ws-twin/a.py', 'two/a.py', 'out/x', 'also/journal.jsonl', 'home/x'])
      await writeFile(await folderOf(join(root, path)), 'x\n');
  });
  afterEach(async () => {
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    await rm(root, { recursive: true, force: true });
  });

  const decided = async ({ tool, path, setup = {} }: Row): Promise<{ decision: string; reason: string }> => {
    for (const file of setup.files ?? []) await writeFile(await folderOf(at(file)), 'secret\n');
    for (const [name, target] of Object.entries(setup.links ?? {}))
      await symlink(filled(target), await folderOf(at(name)));
    for (const [name, target] of Object.entries(setup.hardLinks ?? {}))
      await link(at(target), await folderOf(at(name)));
    const names = setup.second === true ? ['one', 'two'] : ['one'];
    const folders = names.map((name) => ({ name, path: join(root, name === 'one' ? 'ws' : name) }));
    const context = new FakeSession({
      host: createNodeHost({ folders, alsoInside: [join(root, 'also')] }),
    }).context();
    const called = TOOLS[tool as keyof typeof TOOLS];
    const input = called.input.parse({ file_path: filled(path), old_str: 'a', new_str: 'b' });
    try {
      const action = await called.action(input, context);
      return judge(tool, action, { mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] });
    } catch (error) {
      if (error instanceof ToolError) return { decision: 'error', reason: error.message };
      throw error;
    }
  };

  for (const row of rows as Row[]) {
    const name = `${row.decision}: ${row.tool} ${JSON.stringify(row.path.slice(0, 60))}`;
    it(row.setup ? `${name} with ${JSON.stringify(row.setup)}` : name, async function () {
      if (row.platform !== undefined && row.platform !== process.platform) return this.skip();
      if (row.setup?.caseInsensitive !== undefined && row.setup.caseInsensitive !== isCaseInsensitive)
        return this.skip();
      const { decision, reason } = await decided(row);
      assert.equal(decision, row.decision, reason);
      assert.ok(reason.includes(filled(row.reason)), reason);
    });
  }
});
