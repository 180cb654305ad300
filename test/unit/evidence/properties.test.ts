import assert from 'node:assert/strict';
import { claimsOfAnswer, SourceShelf } from '../../../src/evidence/answer';
import { matchSources } from '../../../src/evidence/match';
import type { Source } from '../../../src/evidence/types';
import { Random, mutated } from '../../fuzz/random';
import { loadPractice } from '../../support/evidence-practice';

const run = (some: Partial<Source> = {}): Source => ({
  id: 'a',
  kind: 'run',
  title: 'python train.py',
  lines: ['epoch 5/5 loss=0.3112', 'test auc=0.8137 n=1200'],
  failed: false,
  at: 1,
  inputs: ['/w/train.py'],
  changedSince: [],
  ...some,
});
const verdicts = (sentence: string, ...sources: Source[]): [string, string, number | undefined][] =>
  (matchSources([sentence], sources)[0] ?? []).map(({ text, verdict, evidence }) => [text, verdict, evidence?.line]);

describe('what stands behind a sentence', () => {
  it('is the line of a run that shows its number, rounded or as per cent', () => {
    assert.deepEqual(verdicts('The test AUC is 0.814.', run()), [['0.814', 'supported', 2]]);
    assert.deepEqual(verdicts('The test AUC is 81.4 %.', run()), [['81.4 %', 'supported', 2]]);
    assert.deepEqual(verdicts('The test AUC is 0.813.', run()), [['0.813', 'unsupported', undefined]]);
  });

  it('is no run that failed, printed nothing, or was only a text that was read', () => {
    for (const some of [{ failed: true }, { lines: [] }, { lines: [' '] }, { kind: 'read' as const }])
      assert.deepEqual(verdicts('The test AUC is 0.814.', run(some)), [['0.814', 'unsupported', undefined]]);
  });

  it('is stale once a file that the run rests on changed, and only then', () => {
    assert.equal(verdicts('The test AUC is 0.814.', run({ changedSince: ['/w/train.py'] }))[0]?.[1], 'stale');
    assert.equal(verdicts('The test AUC is 0.814.', run({ changedSince: ['/w/README.md'] }))[0]?.[1], 'supported');
  });

  it('is no job that still runs, where an end is claimed; its numbers are measured', () => {
    const job = run({ kind: 'job', isRunning: true });
    assert.deepEqual(verdicts('The training has finished.', job), [
      ['training has finished', 'unsupported', undefined],
    ]);
    assert.deepEqual(verdicts('The test AUC is 0.814 so far.', job), [['0.814', 'supported', 2]]);
  });

  it('is looked for in no setting, plan, question or quoted word', () => {
    for (const sentence of [
      'The learning rate is 0.001 and the batch size 64.',
      'I would try 200 epochs next.',
      'Should it reach 0.9?',
      'The paper reports an AUC of 0.95.',
      'If the loss exceeds 3, stop the run.',
      'The tests do not pass yet.',
    ])
      assert.deepEqual(verdicts(sentence, run()), [], sentence);
  });
});

describe('the matcher, whatever it is given', function () {
  this.timeout(120_000);

  it('comes to an end on long lines made to make it try again and again', () => {
    for (const piece of [
      '1 ',
      '0.1,',
      '1,000',
      'a-',
      '(',
      '| 1 ',
      'is 1 and ',
      'tests pass ',
      '%',
      'not ',
      '数1',
      ' of the 3',
    ])
      claimsOfAnswer(piece.repeat(4_000), new SourceShelf().index([run({ lines: [piece.repeat(4_000)] })]));
  });

  it('gives claims that are words of the answer, in order, for any text', () => {
    const random = new Random(20261125);
    const documents = loadPractice();
    const texts = documents.map(({ sentences }) => sentences.map(({ text }) => text).join('\n'));
    for (let at = 0; at < 40; at++) {
      const answer = mutated(random, texts, [
        '0.5',
        ' %',
        '\n',
        '|',
        '`',
        '**',
        '. ',
        'not ',
        '"',
        '。',
        '\u0000',
        '1e9',
      ]);
      const document = documents[random.below(documents.length)];
      const claims = claimsOfAnswer(answer.slice(0, 4_000), new SourceShelf().index(document?.sources ?? []));
      for (const { text, start, end, evidence, verdict } of claims) {
        assert.equal(answer.slice(start, end), text);
        assert.equal(evidence === null, verdict === 'unsupported');
      }
      const starts = claims.map(({ start }) => start);
      assert.deepEqual(
        starts,
        starts.toSorted((one, other) => one - other),
      );
    }
  });

  it('judges an answer the same whether its runs came one by one or all at once', () => {
    for (const { sources, sentences } of loadPractice().slice(0, 12)) {
      const answer = sentences.map(({ text }) => text).join('\n');
      const shelf = new SourceShelf();
      for (let known = 0; known <= sources.length; known++)
        claimsOfAnswer(answer, shelf.index(sources.slice(0, known)));
      assert.deepEqual(
        claimsOfAnswer(answer, shelf.index(sources)),
        claimsOfAnswer(answer, new SourceShelf().index(sources)),
      );
    }
  });

  it('says of the first paragraphs of an answer the same when more follow', () => {
    for (const { sources, sentences } of loadPractice().slice(0, 12)) {
      const lines = sentences.map(({ text }) => text);
      const half = lines.slice(0, Math.ceil(lines.length / 2)).join('\n\n');
      const index = new SourceShelf().index(sources);
      const whole = claimsOfAnswer(lines.join('\n\n'), index).filter(({ end }) => end <= half.length);
      assert.deepEqual(claimsOfAnswer(half, index), whole);
    }
  });
});
