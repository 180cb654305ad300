import type { SkillText } from './skills';

/** The text of a skill as the model gets it: its arguments filled in, its folder and files named. */
export function skillBody({ text, folder, files, allowedTools }: Omit<SkillText, 'hash'>, given = ''): string {
  const filled = withArguments(text, given);
  const body = filled === text && given !== '' ? `${text}\n\nArguments: ${given}` : filled;
  return [
    body,
    '',
    `Base folder: ${folder}`,
    ...(files.length === 0 ? [] : ['Files in it:', ...files]),
    ...(allowedTools === undefined
      ? []
      : [`It says that it needs only: ${allowedTools}. That allows nothing by itself.`]),
  ].join('\n');
}

/** `$ARGUMENTS` is the whole line, `$ARGUMENTS[0]` its first word; quotes hold words together. */
function withArguments(text: string, given: string): string {
  const words = [...given.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
  return text.replaceAll(/\$ARGUMENTS(?:\[(\d{1,3})\])?/gu, (_, index?: string) =>
    index === undefined ? given : (words[Number(index)] ?? ''),
  );
}

/** A message that calls a skill by its name: `/name rest of the line`. */
export function skillCall(message: string): { name: string; given: string } | undefined {
  const match = /^\s*\/([\p{L}\p{N}][\p{L}\p{N}_:-]{0,99})(?:\s+([\s\S]*))?$/u.exec(message);
  return match?.[1] === undefined ? undefined : { name: match[1], given: (match[2] ?? '').trim() };
}
