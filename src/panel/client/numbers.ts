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
