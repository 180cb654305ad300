const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes for people: `812 B`, `4.2 GB`, in powers of ten as file managers show them. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0.
  for (; value >= (unit === 0 ? 1_000 : 999.95) && unit < UNITS.length - 1; unit++) value /= 1_000;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

const SPANS: readonly [name: string, ms: number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** A span of time for people, in its largest whole unit: `3 days`, `1 minute`; a clock that ran back counts as none. */
export function ageOf(ms: number): string {
  const [name, length] = SPANS.find(([, one]) => ms >= one) ?? ['second', 1_000];
  const count = Math.max(0, Math.floor(ms / length));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
