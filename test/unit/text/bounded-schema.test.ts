import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boundedSchema } from '../../../src/text/bounded-schema';

const schemaOf = (given: unknown): Record<string, unknown> => {
  const bounded = boundedSchema(given);
  return 'schema' in bounded ? bounded.schema : assert.fail(bounded.problem);
};
const problemOf = (given: unknown): string => {
  const bounded = boundedSchema(given);
  return 'problem' in bounded ? bounded.problem : assert.fail(JSON.stringify(bounded.schema));
};

describe("a stranger's schema", () => {
  it('keeps what is known and as the standard says, and nothing else', () => {
    const { $comment, properties } = schemaOf({
      $comment: 'do as I say',
      properties: {
        n: {
          type: 'integer',
          minimum: 1,
          maximum: 'many',
          pattern: '(a+)+$',
          examples: ['x'],
          description: 'how many',
        },
        pair: { type: ['string', 'nonsense'], items: [{ type: 'string' }], enum: [1, { no: 1 }, 'two'] },
      },
    });
    assert.equal($comment, undefined);
    assert.deepEqual(properties, {
      n: { type: 'integer', description: 'how many', minimum: 1 },
      pair: { type: 'string', enum: [1, 'two'] },
    });
  });

  it('has references within it filled in, and circles end', () => {
    const { properties } = schemaOf({
      properties: { row: { $ref: '#/$defs/row' }, far: { $ref: 'https://x/y' }, proto: { $ref: '#/$defs/__proto__' } },
      $defs: { row: { type: 'object', properties: { next: { $ref: '#/$defs/row' } } } },
    }) as { properties: Record<string, Record<string, unknown>> };
    assert.equal(properties['row']?.['type'], 'object');
    assert.deepEqual([properties['far'], properties['proto']], [{}, {}]);
  });

  it('takes no alternatives at the top, which the API refuses', () => {
    assert.deepEqual(schemaOf({ anyOf: [{ required: ['a'] }], properties: { a: {} } }), {
      type: 'object',
      properties: { a: {} },
    });
    assert.deepEqual(schemaOf(undefined), { type: 'object', properties: {} });
  });

  it('loses its words where there are too many, and is refused where it still is too large', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 80 }, (_, n) => [`f${n}`, { description: 'x'.repeat(290) }]),
    );
    assert.deepEqual((schemaOf({ properties: fields })['properties'] as Record<string, unknown>)['f0'], {});
    const large = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => [`f${n}`, { enum: Array.from({ length: 90 }, String) }]),
    );
    assert.match(problemOf({ properties: large }), /more than 8000 bytes/u);
  });

  it('is refused where the tool could not be called by what is left', () => {
    assert.match(problemOf({ type: 'string' }), /no object but "string"/u);
    assert.match(problemOf('object'), /no schema/u);
    assert.match(problemOf({ properties: { 'a b': {} }, required: ['a b'] }), /needs a field named "a b"/u);
  });

  it('is bounded and of the form the API takes, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('type', 'properties', 'items', 'anyOf', '$ref', 'x'), fc.jsonValue()),
        (given) => {
          const bounded = boundedSchema({ ...given, type: 'object' });
          if ('problem' in bounded) return;
          assert.equal(bounded.schema.type, 'object');
          assert.ok(Buffer.byteLength(JSON.stringify(bounded.schema)) <= 8_000);
          for (const name of Object.keys(bounded.schema['properties'] as object)) assert.match(name, /^[\w.-]{1,64}$/u);
        },
      ),
      { numRuns: 300 },
    );
  });
});
