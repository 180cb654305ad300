import assert from 'node:assert/strict';
import { faultsOf, HALVES, loadEvidenceCorpus, type EvidenceDocument } from '../../support/evidence-corpus';

const byHalf = Object.fromEntries(HALVES.map((half) => [half, loadEvidenceCorpus(half)])) as Record<
  (typeof HALVES)[number],
  EvidenceDocument[]
>;
const written = HALVES.filter((half) => byHalf[half].length > 0);
const all = HALVES.flatMap((half) => byHalf[half]);
const claimsOf = (documents: EvidenceDocument[]): EvidenceDocument['sentences'][number]['claims'] =>
  documents.flatMap(({ sentences }) => sentences.flatMap(({ claims }) => claims));

describe('the corpus of claims and evidence', () => {
  it('has labels that fit their sentence and their source', () => {
    assert.deepEqual(
      all.flatMap((document) => faultsOf(document).map((fault) => `${document.name}: ${fault}`)),
      [],
    );
  });

  it('holds in each half at least 300 sentences of at least ten kinds and five languages, in both all six', () => {
    for (const half of written) {
      const documents = byHalf[half];
      assert.ok(documents.flatMap(({ sentences }) => sentences).length >= 300, half);
      assert.ok(new Set(documents.map(({ kind }) => kind)).size >= 10, half);
      assert.ok(new Set(documents.map(({ language }) => language)).size >= 5, half);
    }
    assert.equal(new Set(all.map(({ language }) => language)).size, 6);
  });

  it('leaves a good part of the sentences without a claim, and knows every verdict of both kinds in each half', () => {
    for (const half of written) {
      const sentences = byHalf[half].flatMap((document) => document.sentences);
      const plain = sentences.filter(({ claims }) => claims.length === 0).length / sentences.length;
      assert.ok(plain > 0.4 && plain < 0.6, `${half}: ${String(plain)}`);
      const seen = new Set(claimsOf(byHalf[half]).map(({ kind, verdict }) => `${kind} ${verdict}`));
      assert.equal(seen.size, 6, `${half}: ${[...seen].join(', ')}`);
    }
  });

  it('has no document and no sentence twice, in one half or in both', () => {
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length, 'two documents have one name');
    // Headings and heads of tables are the same everywhere.
    const own = all.flatMap(({ sentences }) =>
      sentences.filter(({ text, claims }) => claims.length > 0 || !/^\s*[#|]/u.test(text)),
    );
    const texts = own.map(({ text }) => text.trim().toLowerCase());
    assert.deepEqual(
      texts.filter((text, place) => texts.indexOf(text) !== place),
      [],
    );
  });

  it('would notice a label that does not hold', () => {
    const [document] = structuredClone(byHalf.development);
    assert.ok(document);
    const [claim] = claimsOf([document]).filter(({ verdict }) => verdict === 'supported');
    assert.ok(claim);
    const broken = (change: Partial<typeof claim>): string => {
      const kept = { ...claim };
      Object.assign(claim, change);
      const faults = faultsOf(document).join('\n');
      Object.assign(claim, kept);
      return faults;
    };
    assert.equal(broken({}), '');
    assert.match(broken({ text: 'not in it' }), /occurs 0 times/u);
    assert.match(broken({ value: 123.456 }), /not what the text says/u);
    assert.match(broken({ line: 999 }), /past the end/u);
    assert.match(broken({ verdict: 'unsupported' }), /yet it names a source/u);
    assert.match(broken({ verdict: 'stale' }), /changed files say otherwise/u);
    assert.match(broken({ source: null }), /names no source/u);
  });
});
