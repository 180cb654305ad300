/** What the model may be told of a tool's input: a larger one is first stripped of its words, then left out. */
const MAX_BYTES = 8_000;
const MAX_DEPTH = 8;
const MAX_FIELDS = 100;
const MAX_CHOICES = 100;
const MAX_WORDS_CHARACTERS = 300;
/** What the API takes as the name of a field. */
const FIELD = /^[a-zA-Z0-9_.-]{1,64}$/u;
/** Half of a surrogate pair: the API refuses a request that holds one. */
const LONE = /[\ud800-\udfff]/gu;
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const NUMBERS = [
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems'],
];

export type JsonSchema = { type: 'object'; [key: string]: unknown };
type Fields = Readonly<Record<string, unknown>>;

interface Reading {
  root: Fields;
  words: boolean;
  fields: number;
}

/**
 * A stranger's JSON schema of a tool's input, made anew from the keywords that are known and only where they are as the
 * standard says, within bounds: so the API takes it, and it is no room for a letter to the model. References within it are
 * filled in. A problem where the tool could not be called by what is left.
 */
export function boundedSchema(given: unknown): { schema: JsonSchema } | { problem: string } {
  if (given === undefined || given === null) return { schema: { type: 'object', properties: {} } };
  if (!isFields(given)) return { problem: 'its input is described by something that is no schema' };
  const type = given['type'] ?? 'object';
  if (type !== 'object') return { problem: `its input is no object but ${JSON.stringify(type).slice(0, 40)}` };
  for (const words of [true, false]) {
    const schema = boundedOne(given, 0, { root: given, words, fields: 0 });
    const lost = textsIn(given['required']).find((name) => !FIELD.test(name));
    if (lost !== undefined) return { problem: `it needs a field named ${JSON.stringify(lost).slice(0, 80)}` };
    // At the top the API takes no alternatives.
    const { anyOf: _any, oneOf: _one, allOf: _all, enum: _enum, ...rest } = schema;
    const whole: JsonSchema = { properties: {}, ...rest, type: 'object' };
    if (Buffer.byteLength(JSON.stringify(whole)) <= MAX_BYTES) return { schema: whole };
  }
  return { problem: `its input takes more than ${MAX_BYTES} bytes to describe` };
}

function boundedOne(given: unknown, depth: number, reading: Reading): Record<string, unknown> {
  const schema = resolved(given, reading.root);
  if (!isFields(schema) || depth > MAX_DEPTH) return {};
  return Object.fromEntries(
    Object.entries(KEYWORDS).flatMap(([name, read]) => {
      const value = Object.hasOwn(schema, name) ? read(schema[name], depth, reading, name) : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

type Read = (value: unknown, depth: number, reading: Reading, name: string) => unknown;

const number: Read = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const words: Read = (value, _depth, { words: wanted }) =>
  wanted && typeof value === 'string' ? value.slice(0, MAX_WORDS_CHARACTERS).replaceAll(LONE, '�') : undefined;
const some: Read = (value, depth, reading) =>
  Array.isArray(value) && value.length > 0
    ? value.slice(0, MAX_CHOICES).map((one: unknown) => boundedOne(one, depth + 1, reading))
    : undefined;
const one: Read = (value, depth, reading) => (isFields(value) ? boundedOne(value, depth + 1, reading) : undefined);

const KEYWORDS: Readonly<Record<string, Read>> = {
  type: (value) => {
    const types = [value].flat().filter((type) => TYPES.includes(type as string));
    return types.length === 0 ? undefined : types.length === 1 ? types[0] : [...new Set(types)];
  },
  title: words,
  description: words,
  properties: (value, depth, reading) =>
    isFields(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([name]) => FIELD.test(name) && ++reading.fields <= MAX_FIELDS)
            .map(([name, field]) => [name, boundedOne(field, depth + 1, reading)]),
        )
      : undefined,
  required: (value) => textsIn(value).filter((name) => FIELD.test(name)),
  additionalProperties: (value, depth, reading, name) =>
    typeof value === 'boolean' ? value : one(value, depth, reading, name),
  items: one,
  anyOf: some,
  oneOf: some,
  allOf: some,
  enum: (value) => {
    const choices = Array.isArray(value) ? value.filter(isPlain).slice(0, MAX_CHOICES) : [];
    return choices.length > 0 ? choices : undefined;
  },
  const: (value) => (isPlain(value) ? value : undefined),
  default: (value) => (isPlain(value) ? value : undefined),
  uniqueItems: (value) => (typeof value === 'boolean' ? value : undefined),
  ...Object.fromEntries(NUMBERS.map((name) => [name, number])),
};

/** What a reference within the schema leads to; a chain of them is followed a few steps. */
function resolved(given: unknown, root: Fields): unknown {
  let found = given;
  for (let steps = 0; steps < 4; steps++) {
    if (!isFields(found) || typeof found['$ref'] !== 'string') return found;
    const path = /^#\/(?:\$defs|definitions)\/([^/]+)$/u.exec(found['$ref'])?.[1];
    const kept = root['$defs'] ?? root['definitions'];
    found = path !== undefined && isFields(kept) && Object.hasOwn(kept, path) ? kept[path] : {};
  }
  return {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_WORDS_CHARACTERS && value.search(LONE) < 0;
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
