/** The words after a program, sorted into options and plain arguments. */
export class Arguments {
  readonly plain: readonly string[];

  /** `valued` are the options whose value is the next word. */
  constructor(
    readonly texts: readonly string[],
    valued: RegExp = /(?!)/u,
  ) {
    const plain: string[] = [];
    let onlyPlain = false;
    for (let at = 0; at < texts.length; at++) {
      const text = texts[at] as string;
      if (!onlyPlain && text === '--') onlyPlain = true;
      else if (onlyPlain || text === '-' || !text.startsWith('-')) plain.push(text);
      else if (valued.test(text)) at += 1;
    }
    this.plain = plain;
  }

  /** Whether an option stands there: a short one also inside a bundle (`-rf`). */
  has(short: string, ...long: string[]): boolean {
    return this.texts.some((text) =>
      text.startsWith('--')
        ? long.some((name) => text === name || text.startsWith(`${name}=`))
        : short !== '' && new RegExp(`^-[a-zA-Z]*[${short}]`, 'u').test(text),
    );
  }

  /** What follows an option, as the next word, after `=` or (a short one) glued to it. */
  values(...names: string[]): string[] {
    return this.texts.flatMap((text, at) =>
      names.flatMap((name) => {
        if (text === name) return this.texts[at + 1] ?? [];
        if (name.startsWith('--') || name.endsWith('=')) {
          const glued = name.endsWith('=') ? name : `${name}=`;
          return text.startsWith(glued) ? text.slice(glued.length) : [];
        }
        return /^-[a-zA-Z]$/u.test(name) && text.startsWith(name) ? text.slice(2) : [];
      }),
    );
  }
}
