/** A number with its noun, `one|many`: `3 models`. */
export function countOf(count: number, noun: `${string}|${string}`): string {
  const [one, many] = noun.split('|');
  return `${count} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
