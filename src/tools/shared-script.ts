import type { CommandPart } from '../agent/tool';
import type { ScriptWork } from '../library/shipped-scripts';
import { classifyLine } from '../shell/classify';
import type { Grammar } from '../shell/grammar';
import type { Place } from '../shell/reads';

/** What a script does, by its absolute path, where that is known. */
export type ScriptWorkOf = (path: string) => Promise<ScriptWork | undefined>;

/** The interpreter by its bare name, a script by its absolute path, and arguments without any sign of the shell's. */
const SCRIPT = /^python3? (\/[\w./@+-]+\.py)((?: [\w./:=,@%+-]+)*)$/u;

/**
 * A command that runs a script of a bundled skill, judged by what that script does and not as any code: one that reads
 * is judged as `cat` would be on the same files, since it prints what they hold.
 */
export async function judgedByScript(
  part: CommandPart,
  workOf: ScriptWorkOf,
  grammar: Grammar,
  place: Place,
): Promise<CommandPart> {
  const [, path, words = ''] = (part.class === 'runs-code' && SCRIPT.exec(part.text.trim())) || [];
  const work = path === undefined ? undefined : await workOf(path);
  if (work === undefined) return part;
  const { text } = part;
  if (work === 'changes')
    return { text, class: 'changes-files', reason: 'a script of a bundled skill, which writes below its folder' };
  const files = words.split(' ').filter((word) => word !== '' && !word.startsWith('-'));
  const read = files.length === 0 ? undefined : classifyLine(`cat -- ${files.join(' ')}`, grammar, place)[0];
  if (read && read.class !== 'read-only') return { text, class: read.class, reason: read.reason };
  return { text, class: 'read-only', reason: 'a script of a bundled skill that only reads' };
}
