import { posix } from 'node:path';
import { HOME_VARIABLE, RAW_DISK, ROOT_TARGET, WINDOWS_ROOT_TARGET } from './programs';
import type { Word } from './simple-commands';

/** A path without what says nothing (`//`, `/./`) and with `..` resolved, also from a home folder. */
function plainPath(path: string): string {
  if (/^~\/.*\.\./u.test(path)) return posix.normalize(`/home/someone${path.slice(1)}`);
  return path.startsWith('/') ? posix.normalize(path) : path;
}

/** Deleting or writing over the root, a system folder, the home folder or a raw disk. */
export function blockedBy(name: string, args: readonly Word[]): string | undefined {
  const targets = args.filter(({ raw }) => !raw.startsWith('-'));
  const hits = (pattern: RegExp): boolean =>
    targets.some(
      ({ text, raw }) =>
        [pattern, WINDOWS_ROOT_TARGET].some((one) => one.test(plainPath(text ?? raw))) || HOME_VARIABLE.test(raw),
    );
  if (['rm', 'shred', 'unlink', 'rmdir', 'srm', 'mv'].includes(name) && hits(ROOT_TARGET))
    return 'it removes a system folder or the home folder';
  if (
    ['chmod', 'chown', 'chgrp'].includes(name) &&
    args.some(({ text }) => /^(?:-\w*R|--recursive)/u.test(text ?? '')) &&
    hits(ROOT_TARGET)
  )
    return 'it changes the rights of the whole system';
  if (
    name === 'dd' &&
    args.some(({ text, raw }) => RAW_DISK.test((text ?? raw).replace(/^of=/u, '')) && (text ?? raw).startsWith('of='))
  )
    return 'it writes to a raw disk';
  if (['tee', 'cp', 'cat'].includes(name) && name !== 'cat' && targets.some(({ text }) => RAW_DISK.test(text ?? '')))
    return 'it writes to a raw disk';
  if (
    name === 'find' &&
    args.some(({ text }) => text === '-delete') &&
    targets[0] &&
    ROOT_TARGET.test(targets[0].text ?? '')
  )
    return 'it deletes the whole file system';
  return undefined;
}
