import type { Fired, Guard } from './guard';

const MAX_PATTERN_CHARACTERS = 500;
/** Of RE2's program: one line may take as many steps as this times its length. */
const MAX_STEPS = 1_000;
/** Of a line. */
const MAX_CHARACTERS = 4_096;

/**
 * Tells whether a line has a place that an expression of RE2's syntax matches, in a time that grows with the line's length
 * alone. Throws an error that says why for an expression that cannot be read, or not in such a time.
 */
export async function matcherOf(pattern: string): Promise<(line: string) => boolean> {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    throw new Error(`the pattern has ${pattern.length} characters, and may have ${MAX_PATTERN_CHARACTERS}`);
  const { RE2JS } = await import('re2js');
  const expression = RE2JS.compile(pattern, RE2JS.DOTALL);
  if (expression.programSize() > MAX_STEPS) throw new Error('the pattern repeats too much');
  return (line) => expression.test(line.slice(0, MAX_CHARACTERS));
}

/** A line that an expression matches. */
export async function patternGuard(regex: string): Promise<Guard> {
  const matches = await matcherOf(regex);
  let found: Fired | undefined;
  return {
    line({ text, number }) {
      if (found || !matches(text)) return;
      found = { key: `pattern ${regex}`, watch: 'pattern', text: `line ${number} of the log matches ${regex}` };
    },
    fired: () => (found ? [found] : []),
  };
}
