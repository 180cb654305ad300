export interface Difference {
  /** From the folder, its bytes as Latin-1 characters. */
  name: string;
  how: 'added' | 'deleted' | 'changed';
  /** Lines; `null` for what is not text. */
  added: number | null;
  removed: number | null;
}

const HOW: Readonly<Record<string, Difference['how']>> = { A: 'added', D: 'deleted' };

/** From git's two answers: fields and names in turn, and `added TAB removed TAB name`. */
export function differences(raw: readonly string[], counts: readonly string[]): Difference[] {
  const lines = new Map(
    counts.map((row) => {
      const [added = '', removed = '', ...name] = row.split('\t');
      return [name.join('\t'), { added: numberOf(added), removed: numberOf(removed) }] as const;
    }),
  );
  const found: Difference[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index + 1]!;
    const how = HOW[raw[index]!.slice(-1)] ?? 'changed';
    found.push({ name, how, ...(lines.get(name) ?? { added: null, removed: null }) });
  }
  return found;
}

function numberOf(text: string): number | null {
  return /^\d+$/u.test(text) ? Number(text) : null;
}
