import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { createNodeHost } from '../../../src/host/node';
import { describeHost } from '../../support/host-contract';
import { createMemoryHost } from '../../support/memory-host';

describeHost('the Node host', { programs: true }, async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-host-')));
  return {
    folder,
    host: createNodeHost({ folders: [folder], ripgrep: [rgPath] }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

describeHost('the host in memory', { programs: false }, async () => {
  const folder = '/memory/repo';
  return { folder, host: createMemoryHost(folder, new Map()) };
});
