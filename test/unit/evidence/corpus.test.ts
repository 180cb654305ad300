import assert from 'node:assert/strict';
import { loadEvidenceCorpus } from '../../support/evidence-corpus';
import { loadPractice, practiceScore } from '../../support/evidence-practice';
import { scoreLine, scoreOf } from '../../support/evidence-score';

/** What is reached, so that no change makes it worse unseen. What the numbers mean: docs/evidence.md. */
const FLOORS = { development: 0.96, 'held-out': 0.83 } as const;
const PRACTICE_FLOOR = 0.96;

describe('the matcher of claims and evidence on labelled sentences', function () {
  this.timeout(120_000);

  for (const [half, floor] of Object.entries(FLOORS) as ['development' | 'held-out', number][]) {
    it(`finds and judges the claims of the ${half} half with a precision and a recall of at least ${String(floor)}`, () => {
      const documents = loadEvidenceCorpus(half);
      if (documents.length === 0) {
        console.log(`      ${half}: no documents`);
        return;
      }
      const score = scoreOf(documents);
      console.log(`      ${scoreLine(half, score)}`);
      assert.ok(score.hits / score.found >= floor, 'precision');
      assert.ok(score.hits / score.labelled >= floor, 'recall');
    });
  }

  it(`keeps to what it learned by the practice sentences: ${String(PRACTICE_FLOOR)} of both`, () => {
    const { labelled, found, hits } = practiceScore(loadPractice());
    const [precision, recall] = [hits / found, hits / labelled];
    console.log(
      `      practice: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} (${String(labelled)} claims)`,
    );
    assert.ok(precision >= PRACTICE_FLOOR, 'precision');
    assert.ok(recall >= PRACTICE_FLOOR, 'recall');
  });
});
