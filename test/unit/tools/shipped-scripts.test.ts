import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Action } from '../../../src/agent/tool';
import { SHIPPED_SCRIPTS, shippedWork } from '../../../src/library/shipped-scripts';
import shipped from '../../../src/library/shipped-scripts.json';
import { executeTool } from '../../../src/tools/execute';
import { FakeSession } from '../../support/fake-tool-context';

const PRODUCT = resolve(__dirname, '..', '..', '..');
const DESIGN = join(PRODUCT, 'skills', 'brainstorming', 'scripts', 'check_design.py');

describe('scripts of bundled skills', () => {
  const classes = async (command: string): Promise<string[]> => {
    const tool = executeTool((path) => shippedWork(path, PRODUCT));
    const action: Action = await tool.action({ command }, new FakeSession().context());
    return action.effect === 'execute' ? action.parts.map((part) => part.class) : [];
  };

  it('have the hashes that were written down with what they do', async () => {
    for (const [name, { sha256 }] of Object.entries(shipped)) {
      const bytes = await readFile(join(PRODUCT, 'skills', name));
      assert.equal(
        createHash('sha256').update(bytes).digest('hex'),
        sha256,
        `${name} changed: look at what it does now`,
      );
    }
    assert.ok(SHIPPED_SCRIPTS.length >= 7);
  });

  it('are judged by what they do: those that read as cat on the same files, others as what changes files', async () => {
    assert.deepEqual(await classes(`python3 ${DESIGN} docs/design.md`), ['read-only']);
    assert.deepEqual(await classes(`python3 ${DESIGN} --json docs/design.md`), ['read-only']);
    assert.deepEqual(await classes(`python3 ${DESIGN} .env`), await classes('cat .env'));
    assert.deepEqual(await classes(`python3 ${DESIGN} /etc/passwd`), await classes('cat -- /etc/passwd'));
    const sdd = join(PRODUCT, 'skills', 'subagent-driven-development', 'scripts', 'sdd.py');
    assert.deepEqual(await classes(`python3 ${sdd} start docs/plan.md`), ['changes-files']);
  });

  it('are any code where the words hide something, or the file is another', async () => {
    for (const command of [
      `python3 -i ${DESIGN} a.md`,
      `PYTHONPATH=. python3 ${DESIGN} a.md`,
      `./python3 ${DESIGN} a.md`,
      `python3 skills/brainstorming/scripts/check_design.py a.md`,
      `python3 ${join(PRODUCT, 'skills', 'root-cause-tracing', 'scripts', 'find_polluter.py')} --path a --run b c`,
    ])
      assert.ok(!(await classes(command)).includes('read-only'), command);
    assert.notDeepEqual(await classes(`python3 ${DESIGN} "$(cat x)"`), ['read-only']);
  });

  it('are unknown once a byte of them changed, and in any other folder', async () => {
    const product = await realpath(await mkdtemp(join(tmpdir(), 'product-')));
    await cp(join(PRODUCT, 'skills', 'brainstorming'), join(product, 'skills', 'brainstorming'), { recursive: true });
    const copy = join(product, 'skills', 'brainstorming', 'scripts', 'check_design.py');
    assert.equal(await shippedWork(copy, product), 'reads');
    assert.equal(await shippedWork(copy, PRODUCT), undefined);
    await writeFile(copy, `${await readFile(copy, 'utf8')}\n`);
    assert.equal(await shippedWork(copy, product), undefined);
    await rm(product, { recursive: true, force: true });
  });
});
