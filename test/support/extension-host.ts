import { execFileSync } from 'node:child_process';
import type { Workbench } from './workbench';

/** A workbench starts a new host within this, if it does. */
const RESTART_MS = 20_000;

export interface Process {
  pid: number;
  parent: number;
  line: string;
}

export function processes(): Process[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1e8 });
  return table.split('\n').flatMap((row) => {
    const [, pid, parent, line = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(row) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), line }];
  });
}

/** The newest extension host of the server whose data lie in this folder. */
export function extensionHost(root: string): number | undefined {
  const all = processes();
  const server = all.find(({ line }) => line.includes('server-main') && line.includes(root));
  // Not further below: what a host is just about to start has its command line for a moment.
  const hosts = all.filter(({ parent, line }) => parent === server?.pid && line.includes('type=extensionHost'));
  return hosts.at(-1)?.pid;
}

/**
 * The workbench starts a new host by itself, three times in five minutes; then it asks; and where it does neither, the
 * window is loaded again.
 */
export async function hostRestarted(workbench: Workbench, killed: number): Promise<void> {
  const asks = workbench.page.locator('.notification-list-item').getByRole('button', { name: /Restart/u });
  const until = Date.now() + RESTART_MS;
  while ([undefined, killed].includes(extensionHost(workbench.dataFolder)) && Date.now() < until) {
    // It may go while it is being clicked, with the next notification.
    if (await asks.first().isVisible())
      await asks
        .first()
        .click({ timeout: 5_000 })
        .catch(() => undefined);
    await workbench.page.waitForTimeout(100);
  }
  if ([undefined, killed].includes(extensionHost(workbench.dataFolder))) await workbench.load();
  await workbench.ready();
}
