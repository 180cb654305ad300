import type { NoteRecord, RunRecord } from '../../src/ledger/record';

/** A finished run as the ledger holds it. */
export function runRecord(some: Partial<RunRecord> & Pick<RunRecord, 'id'>): RunRecord {
  return {
    v: 1,
    kind: 'run',
    at: '2026-01-01T10:00:00Z',
    title: 'Train',
    command: 'python train.py --data data/train.csv --lr 0.1 --seed 1',
    cwd: '.',
    state: 'ok',
    exit: 0,
    seconds: 12.5,
    metrics: [{ name: 'val_auc', last: 0.91 }],
    seeds: [{ name: 'seed', value: '1' }],
    code: { commit: 'c'.repeat(40), branch: 'main', dirty: false },
    data: [{ path: 'data/train.csv', size: 100, hash: 'd'.repeat(64) }],
    sources: [{ path: 'train.py', size: 10, hash: 'e'.repeat(64) }],
    environment: { python: '3.11.2', lock: { kind: 'uv', hash: 'f'.repeat(64) } },
    artefacts: [],
    session: 's',
    ...some,
  };
}

export function noteRecord(some: Partial<NoteRecord> & Pick<NoteRecord, 'id' | 'of'>): NoteRecord {
  return { v: 1, kind: 'note', at: '2026-01-02T10:00:00Z', by: 'person', ...some };
}
