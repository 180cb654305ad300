/** A number as programs print it, NaN and infinity among them. */
export const NUMBER = String.raw`[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf(?:inity)?)`;

const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu;
const ODD = /^([-+]?)(nan|inf(?:inity)?)$/iu;

/** The value of what NUMBER matched, or of a cell; `undefined` for any other text. */
export function numberOf(text: string): number | undefined {
  if (PLAIN.test(text)) return Number(text);
  const odd = ODD.exec(text);
  if (odd) return odd[2]?.toLowerCase() === 'nan' ? NaN : odd[1] === '-' ? -Infinity : Infinity;
  if (/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/u.test(text)) return Number(text.replaceAll(',', ''));
  return undefined;
}
