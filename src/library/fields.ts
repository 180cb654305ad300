/** What can be made of the fields of strangers' front matter: YAML gives anything, and hosts write booleans in many ways. */
export function textField(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** `undefined` where nothing readable is said. */
export function booleanField(value: unknown): boolean | undefined {
  const word = String(value).trim().toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
}

/** A list, or a line with commas or in brackets. `undefined`: neither. */
export function listField(value: unknown): string[] | undefined {
  const items: unknown[] | undefined = Array.isArray(value)
    ? value
    : (typeof value === 'string' ? value : undefined)?.replace(/^\[|\]$/gu, '').split(',');
  if (!items?.every((item) => typeof item === 'string')) return undefined;
  return items.map((item) => item.trim().replaceAll(/^["']|["']$/gu, '')).filter(Boolean);
}

export function recordField(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The first paragraph that is prose: what a file without a description says of itself. */
export function firstParagraph(body: string): string {
  const paragraphs = body
    .slice(0, 20_000)
    .split(/\n\s*\n/u)
    .map((one) => one.replaceAll(/\s+/gu, ' ').trim());
  return paragraphs.find((one) => one !== '' && !/^(?:#|```|<|---|!\[|\|)/u.test(one))?.slice(0, 1_000) ?? '';
}

const COMMAND_IN_TEXT = /(?:^|\s)!`([^`\n]{1,200})`/mu;
const COMMAND_BLOCK = /^\s*```!/mu;

/** What a file asks of other hosts that would start something: said to the person, and never done. */
export function startsSomething(fields: Record<string, unknown>, body: string): string[] {
  const command = COMMAND_IN_TEXT.exec(body)?.[1];
  return [
    ...(fields['hooks'] === undefined || fields['hooks'] === null ? [] : ['it holds hooks, which are never run']),
    ...(textField(fields['context']) === 'fork'
      ? ['it asks to run as an agent of its own (context: fork), which is not done']
      : []),
    ...(command === undefined ? [] : [`it holds the command \`${command}\`, which is not run when the text is loaded`]),
    ...(COMMAND_BLOCK.test(body)
      ? ['it holds a block of commands (```!), which is not run when the text is loaded']
      : []),
  ];
}
