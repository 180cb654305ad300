import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

/** The labelled sentences that the matcher of claims and evidence is built on and measured by.
 *  What a label means and what was seen when: test/evidence/corpus/README.md. */
const CORPUS = resolve(__dirname, '../evidence/corpus');

export const HALVES = ['development', 'held-out'] as const;
export type Half = (typeof HALVES)[number];

const place = z.strictObject({ source: z.string().min(1), line: z.int().min(1) });

const sourceShape = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['tool', 'job', 'ledger', 'file-read']),
  tool: z.enum(['Execute', 'Job', 'Runs', 'Read']),
  /** The command, the ledger query or the path. */
  title: z.string().min(1),
  lines: z.array(z.string()),
  /** Null where nothing was started (a read, the ledger) and where a job was stopped before it could end. */
  exitCode: z.int().nullable(),
  failed: z.boolean(),
  empty: z.boolean(),
  /** When it ended, in ms since the session began. */
  at: z.int().min(0),
  /** Files and folders that it rests on. A folder stands for all within. */
  inputs: z.array(z.string().min(1)),
  /** Every file changed since it ended, among the inputs or not. */
  changedSince: z.array(z.string().min(1)),
});

const claimShape = z.strictObject({
  text: z.string().min(1),
  kind: z.enum(['metric', 'success']),
  name: z.string().min(1).nullable(),
  value: z.number().nullable(),
  verdict: z.enum(['supported', 'unsupported', 'stale']),
  source: z.string().nullable(),
  line: z.int().min(1).nullable(),
  /** Lines that bear the claim just as well, or the other lines of which it is computed. */
  also: z.array(place).min(1).optional(),
});

const documentShape = z.strictObject({
  kind: z.string().min(1),
  language: z.enum(['en', 'de', 'fr', 'zh', 'ja', 'es']),
  sources: z.array(sourceShape).min(1),
  sentences: z.array(z.strictObject({ text: z.string().min(1), claims: z.array(claimShape) })).min(1),
});

export type EvidenceSource = z.infer<typeof sourceShape>;
export type LabelledClaim = z.infer<typeof claimShape>;
export type EvidenceDocument = z.infer<typeof documentShape> & { readonly name: string };

/** The documents of one half, by name. Whoever works on the matcher loads `development` alone. */
export function loadEvidenceCorpus(half: Half): EvidenceDocument[] {
  const folder = join(CORPUS, half);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const parsed = documentShape.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      if (!parsed.success) throw new Error(`${half}/${file}: ${z.prettifyError(parsed.error)}`);
      return { ...parsed.data, name: file.slice(0, -'.json'.length) };
    });
}

/** A source is stale once a file it rests on was changed after it. */
export function isStale({ inputs, changedSince }: EvidenceSource): boolean {
  const within = (file: string, input: string): boolean =>
    file === input || file.startsWith(input.endsWith('/') ? input : `${input}/`);
  return changedSince.some((file) => inputs.some((input) => within(file, input)));
}

/** What is wrong with a document's labels; empty when all holds together. */
export function faultsOf({ sources, sentences }: EvidenceDocument): string[] {
  const byId = new Map(sources.map((source) => [source.id, source]));
  const ids = byId.size === sources.length ? [] : ['two sources have one id'];
  return [
    ...ids,
    ...sources.flatMap((source) => sourceFaults(source, sources)),
    ...sentences.flatMap(({ text, claims }) =>
      claims.flatMap((claim) =>
        [...wordFaults(claim, text), ...evidenceFaults(claim, byId)].map(
          (fault) => `"${claim.text}" in "${text}": ${fault}`,
        ),
      ),
    ),
  ];
}

const TOOL_OF = { tool: 'Execute', job: 'Job', ledger: 'Runs', 'file-read': 'Read' } as const;

function sourceFaults(source: EvidenceSource, all: readonly EvidenceSource[]): string[] {
  const { id, exitCode, kind } = source;
  const runs = kind === 'tool' || kind === 'job';
  // What was changed since a later run was changed since this one too.
  const missed = all
    .filter((other) => other.at > source.at)
    .flatMap((other) => other.changedSince)
    .filter((file) => !source.changedSince.includes(file));
  return [
    source.tool === TOOL_OF[kind] ? '' : `${id}: a ${kind} does not come from ${source.tool}`,
    source.empty === (source.lines.length === 0) ? '' : `${id}: "empty" does not say what the lines say`,
    source.failed === (runs && exitCode !== 0) ? '' : `${id}: "failed" does not say what the exit code says`,
    runs || exitCode === null ? '' : `${id}: a ${kind} has no exit code`,
    ...missed.map((file) => `${id}: ${file} was changed since a later run, so since this one`),
  ].filter(Boolean);
}

function wordFaults({ text, name, kind, value }: LabelledClaim, sentence: string): string[] {
  const times = sentence.split(text).length - 1;
  return [
    times === 1 ? '' : `the text occurs ${String(times)} times`,
    name === null || sentence.toLowerCase().includes(name.toLowerCase()) ? '' : `the name "${name}" is not said`,
    kind === 'success' || value !== null ? '' : 'a metric has a value',
    value === null || readings(text).some((read) => Math.abs(read - value) < 1e-9 * Math.max(1, Math.abs(value)))
      ? ''
      : `the value ${String(value)} is not what the text says`,
  ].filter(Boolean);
}

function evidenceFaults(claim: LabelledClaim, byId: ReadonlyMap<string, EvidenceSource>): string[] {
  const { verdict, source, line, also = [] } = claim;
  if (verdict === 'unsupported') {
    return source === null && line === null && also.length === 0 ? [] : ['unsupported, yet it names a source'];
  }
  if (source === null || line === null) return [`${verdict}, yet it names no source and line`];
  const places = [{ source, line }, ...also];
  const found = places.flatMap((place) => byId.get(place.source) ?? []);
  return [
    found.length === places.length ? '' : 'a source that does not exist',
    places.every((place) => place.line <= (byId.get(place.source)?.lines.length ?? 0)) ? '' : 'a line past the end',
    found.some(({ failed, empty }) => failed || empty) ? 'a failed or empty run is no evidence' : '',
    found.some(isStale) === (verdict === 'stale') ? '' : `${verdict}, but the changed files say otherwise`,
  ].filter(Boolean);
}

const UNITS = [1, 1e3, 1e6];

/** Every number a text may mean: with a comma or a point as the decimal mark or between thousands, and with k or M. */
function readings(text: string): number[] {
  return [...text.matchAll(/[-+]?\d(?:[\d.,\u00a0\u202f ]*\d)?/gu)].flatMap(([digits]) => {
    const dense = digits.replace(/[\u00a0\u202f ]/gu, '');
    const ways = [dense.replaceAll(',', ''), dense.replaceAll('.', '').replace(',', '.')];
    return ways.flatMap((way) => UNITS.map((unit) => Number(way) * unit));
  });
}
