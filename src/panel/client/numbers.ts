/** As people read them in the language of the page. */
function format(value: number, options: Intl.NumberFormatOptions): string {
  const language = document.documentElement?.lang;
  return new Intl.NumberFormat(language ? [language] : undefined, options).format(value);
}

export function tokens(value: number): string {
  return format(value, value < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 });
}

export function dollars(value: number): string {
  const digits = value !== 0 && value < 0.1 ? 4 : 2;
  return `$${format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

export function plain(value: number): string {
  return format(value, { maximumFractionDigits: 1 });
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${plain(ms / 1_000)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** A value of a metric: as many digits as tell something. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e9))
    return Number(value.toPrecision(4)).toExponential().replace('e+', 'e');
  return format(value, { maximumSignificantDigits: 5, useGrouping: Number.isInteger(value) });
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A span of time in its two largest units: `2 h 5 min`, `41 sec`. */
export function span(ms: number): string {
  const first = UNITS.findIndex(([, length]) => ms >= length);
  const [unit, length] = UNITS[first === -1 ? 3 : first] ?? UNITS[3];
  const [next, nextLength] = UNITS[first + 1] ?? [];
  const whole = Math.floor(ms / length);
  const rest = first === -1 || nextLength === undefined ? 0 : Math.floor((ms % length) / nextLength);
  const text = (value: number, name: string): string =>
    format(value, { style: 'unit', unit: name, unitDisplay: 'short' });
  return rest > 0 && next !== undefined ? `${text(whole, unit)} ${text(rest, next)}` : text(whole, unit);
}
