/** Numbers that follow from a seed, so that what was found once is found again (the generator mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

/** The random numbers of one input of one target. */
export function randomFor(seed: number, target: string, index: number): Random {
  let mixed = seed;
  for (const char of `${target}:${index}`) mixed = (Math.imul(mixed, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return new Random(mixed);
}

const ODD = [
  '',
  '\0',
  '\r\n',
  '\r',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\u202e',
  '\u0301',
  '💥',
  '\\',
  '"',
  "'",
  '`',
  '$(',
  '{{',
  '\t',
  ' ',
];
const MAX_CHARACTERS = 60_000;

/** One of the texts, broken in a few places: cut, doubled, mixed with another, with the format's own pieces put in. */
export function mutated(random: Random, texts: readonly string[], pieces: readonly string[]): string {
  let text = random.chance(0.2) ? grown(random, pieces) : random.of(texts);
  for (let turn = random.below(6); turn > 0; turn--)
    text = broken(random, text, texts, pieces).slice(0, MAX_CHARACTERS);
  return text;
}

/** Nothing but pieces, some of them many times: what slow patterns and deep nesting are found by. */
function grown(random: Random, pieces: readonly string[]): string {
  let text = '';
  for (let turn = 1 + random.below(12); turn > 0; turn--) {
    const piece = random.of(random.chance(0.2) ? ODD : pieces) + (random.chance(0.3) ? random.of(pieces) : '');
    text += piece.repeat(random.chance(0.15) ? 1 + random.below(3_000) : 1 + random.below(3));
  }
  return text.slice(0, MAX_CHARACTERS);
}

function broken(random: Random, text: string, texts: readonly string[], pieces: readonly string[]): string {
  const at = random.below(text.length + 1);
  const end = at + random.below(Math.min(text.length - at, 200) + 1);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, at);
    case 2:
      return (
        text.slice(0, end) +
        text.slice(at, end).repeat(1 + random.below(random.chance(0.1) ? 500 : 3)) +
        text.slice(end)
      );
    case 3:
      return text.slice(0, at) + random.of(texts).slice(random.below(200));
    case 4:
      return text.slice(0, at) + random.of(ODD) + text.slice(at);
    case 5:
      return (
        text.slice(0, at) + String.fromCharCode(random.below(random.chance(0.8) ? 128 : 65_536)) + text.slice(at + 1)
      );
    default:
      return (
        text.slice(0, at) + random.of(pieces).repeat(random.chance(0.05) ? 1 + random.below(3_000) : 1) + text.slice(at)
      );
  }
}
