/** Stands where a secret stood. Nothing that people or programs write looks like it, so a tool can refuse to write it back. */
const MARK = /\[\[masked-[a-z0-9-]+\]\]/u;

export interface Masked {
  text: string;
  /** How many secrets were masked, by kind. */
  found: ReadonlyMap<string, number>;
}

/** True when the text holds what stands in place of a secret: writing that would lose the secret itself. */
export function holdsMask(text: string): boolean {
  return MARK.test(text);
}

/** `2 secrets masked (OpenAI key, private key)`, or `undefined` when there are none. */
export function maskedNote(found: ReadonlyMap<string, number>): string | undefined {
  const count = [...found.values()].reduce((sum, one) => sum + one, 0);
  if (count === 0) return undefined;
  return `${count} ${count === 1 ? 'secret' : 'secrets'} masked (${[...found.keys()].join(', ')})`;
}

interface Kind {
  name: string;
  /** Where it stands: the group `secret` is masked, or all of it where there is no such group. */
  pattern: RegExp;
  /** What looks like one and is none. */
  unless?: RegExp;
}

/** What people write in place of a secret. */
const PLACEHOLDER =
  /^(?:["']?)(?:x+|\*+|\.+|<.*|\$.*|%.*|\{.*|your[_-].*|my[_-].*|change[_-]?me.*|replace.*|example.*|test(?:ing)?|dummy|fake|none|null|undefined|true|false|todo|secret|password|token|os\..*|process\..*|env\..*|getenv.*)(?:["']?)$/iu;

/** The forms that each service publishes for its keys. The first that fits wins, so the narrower stand first. */
const KINDS: readonly Kind[] = [
  {
    name: 'private key',
    // A key whose end was cut away is one too.
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?<secret>(?:(?!-----END)[\s\S])*)(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?/gu,
  },
  { name: 'Anthropic key', pattern: /\bsk-ant-[a-z0-9]+-[\w-]{20,}/gu },
  { name: 'OpenAI key', pattern: /\bsk-(?:(?:proj|svcacct|admin|None)-[\w-]{20,}|[A-Za-z0-9]{32,})/gu },
  { name: 'Hugging Face token', pattern: /\b(?:hf|api_org)_[A-Za-z0-9]{30,}/gu },
  { name: 'W&B key', pattern: /\bwandb_v1_[\w-]{20,}/gu },
  {
    name: 'W&B key',
    pattern: /\b(?:WANDB_API_KEY|api\.wandb\.ai|wandb[\w.]*login)\b[^\n]{0,60}?(?<secret>\b[0-9a-f]{40}\b)/gu,
  },
  { name: 'Kaggle token', pattern: /\bKGAT_[A-Za-z0-9]{20,}/gu },
  { name: 'Kaggle key', pattern: /"username"\s*:\s*"[^"]*"\s*,\s*"key"\s*:\s*"(?<secret>[0-9a-f]{32})"/gu },
  { name: 'AWS key id', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/gu, unless: /EXAMPLE$/u },
  {
    name: 'AWS secret key',
    pattern: /\baws_?(?:secret_?access_?key|session_?token)["']?\s*[:=]\s*["']?(?<secret>[A-Za-z0-9/+=]{40,})/giu,
    unless: /EXAMPLE/u,
  },
  { name: 'Google API key', pattern: /\bAIza[\w-]{35}/gu },
  { name: 'Google token', pattern: /\b(?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/gu },
  { name: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/gu },
  { name: 'GitLab token', pattern: /\bglpat-[\w-]{20,}/gu },
  { name: 'Slack token', pattern: /\bxox[abeoprs]-[\w-]{10,}/gu },
  { name: 'package registry token', pattern: /\b(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,})/gu },
  { name: 'Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}/gu },
  { name: 'Azure storage key', pattern: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{80,}={0,2})/gu },
  { name: 'signed token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/gu },
  {
    name: 'password in a URL',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"]{0,100}:(?<secret>[^\s@/'"]{3,200})@/giu,
    unless: PLACEHOLDER,
  },
  {
    name: 'authorization header',
    pattern: /\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+(?<secret>[\w.+/=~-]{16,})/giu,
    unless: PLACEHOLDER,
  },
  {
    // As `env` prints it and as .env files and shells write it: capitals, no blanks around the sign.
    name: 'secret variable',
    pattern:
      /^(?:export |set |ENV )?[ \t]*[A-Z][A-Z0-9_]*?(?:API_?KEY|ACCESS_?KEY|SECRET(?:_?KEY)?|TOKEN|PASSWORD|PASSWD|CREDENTIALS?)=(?<secret>"[^"\n]{8,}"|'[^'\n]{8,}'|[^\s"'#]{8,})/gmu,
    unless: PLACEHOLDER,
  },
];

/** What is shorter could be any word. */
const MIN_KNOWN_CHARACTERS = 8;
/** What a text that is longer than this holds is looked for in pieces, so that no pattern runs over all of it at once. */
const MAX_PIECE_CHARACTERS = 1_000_000;

/**
 * Masks the keys, tokens and passwords of the common services, and the `known` values wherever they stand. What is masked
 * keeps its kind: `[[masked-openai-key]]`. Pure; linear in the length of the text but for the number of known values.
 */
export function maskSecrets(text: string, known: readonly string[] = []): Masked {
  const found = new Map<string, number>();
  const note = (kind: string): string => {
    found.set(kind, (found.get(kind) ?? 0) + 1);
    return `[[masked-${kind.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')}]]`;
  };
  let masked = text;
  for (const value of known.filter(({ length }) => length >= MIN_KNOWN_CHARACTERS))
    if (masked.includes(value)) masked = masked.replaceAll(value, () => note('known secret'));
  masked = piecesOf(masked)
    .map((piece) => KINDS.reduce((rest, kind) => maskKind(rest, kind, note), piece))
    .join('');
  return { text: masked, found };
}

function maskKind(text: string, { name, pattern, unless }: Kind, note: (kind: string) => string): string {
  return text.replaceAll(pattern, (...match: unknown[]) => {
    const whole = match[0] as string;
    const groups = match.at(-1) as Record<string, string | undefined> | string;
    const secret = typeof groups === 'object' ? (groups['secret'] ?? '') : whole;
    if (secret.trim() === '' || holdsMask(secret) || unless?.test(secret)) return whole;
    const at = whole.lastIndexOf(secret);
    return whole.slice(0, at) + note(name) + whole.slice(at + secret.length);
  });
}

/** Cut at line ends, so that a secret of one line is never split. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.length - from <= MAX_PIECE_CHARACTERS ? -1 : text.lastIndexOf('\n', from + MAX_PIECE_CHARACTERS);
    const to = end > from ? end + 1 : Math.min(text.length, from + MAX_PIECE_CHARACTERS);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

const SECRET_NAME = /(?:key|token|secret|passw(?:or)?d|credential|dsn|webhook)s?$/iu;

/**
 * The values of a `.env` file that are worth masking wherever they stand: those whose name says so, and those that look
 * made by chance. A path or a flag is none. Longest first, so that a value within another is not masked in its middle.
 */
export function secretsInEnvFile(text: string): string[] {
  const values = text.split(/\r?\n/u).flatMap((line) => {
    const [, name = '', raw = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/u.exec(line) ?? [];
    const value = /^(["'])(.*?)\1/u.exec(raw)?.[2] ?? raw.replace(/\s+#.*$/u, '').trim();
    if (value.length < MIN_KNOWN_CHARACTERS || PLACEHOLDER.test(value)) return [];
    return SECRET_NAME.test(name) || isRandom(value) ? [value] : [];
  });
  return [...new Set(values)].sort((a, b) => b.length - a.length);
}

/** Letters and digits mixed, without blanks and slashes: nobody writes that by hand. */
function isRandom(value: string): boolean {
  return value.length >= 20 && /^[\w+=.~-]+$/u.test(value) && /[A-Za-z]/u.test(value) && /\d.*\d.*\d/u.test(value);
}
