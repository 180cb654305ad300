/** What was wrong with the command line: printed with the usage, exit code 2. */
export class UsageError extends Error {}

export function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}

export function isOneOf<Item extends string>(items: readonly Item[], value: string | undefined): value is Item {
  return (items as readonly (string | undefined)[]).includes(value);
}

export function choice<Item extends string>(flag: string, items: readonly Item[], value: string): Item {
  if (isOneOf(items, value)) return value;
  throw new UsageError(`${flag} takes ${items.join(', ')}; not "${value}".`);
}
