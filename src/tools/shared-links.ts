import { isAbsolute, resolve } from 'node:path';
import type { CommandPart } from '../agent/tool';
import type { Host } from '../host/host';

/**
 * A link of the workspace that leads out of it makes a command that only reads one that has to be asked for: the words
 * of the command do not tell, and any clone may bring such a link. `words` are those of the command, as the shell reads them.
 */
export async function judgedByLinks(
  parts: readonly CommandPart[],
  words: readonly string[],
  cwd: string,
  host: Host,
): Promise<CommandPart[]> {
  if (!parts.some((part) => part.class === 'read-only')) return [...parts];
  const named = words.filter((word) => word !== '' && !word.startsWith('-') && !isAbsolute(word));
  const facts = await Promise.all(
    [...new Set(named)].map((word) => host.locate(resolve(cwd, word)).catch(() => undefined)),
  );
  const out = facts.find((fact) => fact !== undefined && !fact.inside);
  if (out === undefined) return [...parts];
  const reason = `it reads outside the workspace: ${out.shown}`;
  return parts.map((part) => (part.class === 'read-only' ? { ...part, class: 'unknown', reason, opaque: true } : part));
}
