import { visible } from './visible';

/** Text of strangers as a label: one line of at most `most` characters, with nothing hidden in it. */
export function label(text: string, most: number): string {
  // What is shown of a character may be longer than it, never the other way round, so a bit more than `most` is enough.
  const line = visible(
    text
      .slice(0, most * 4)
      .replaceAll(/\s+/gu, ' ')
      .trim(),
  );
  const characters = [...line];
  return characters.length <= most && text.length <= most * 4 ? line : `${characters.slice(0, most - 1).join('')}…`;
}
