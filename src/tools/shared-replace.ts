import * as z from 'zod';
import { ToolError } from '../agent/tool';
import { closestRegion } from '../text/closest-region';
import { findAll, lineAt, replaceSpans, type Span } from '../text/match';
import { cutLine } from '../text/truncate';

const MAX_PLACES_NAMED = 20;
const MAX_REGION_LINES = 30;
const MAX_LINE_CHARACTERS = 300;

/** One replacement, as Edit and MultiEdit take it. */
export const changeShape = {
  old_str: z.string().min(1),
  new_str: z.string(),
  change_all: z.boolean().optional(),
};

export interface Change {
  old_str: string;
  new_str: string;
  change_all?: boolean | undefined;
}

interface Place {
  /** What the model knows the text as. */
  name: string;
  text: string;
  /** The text is not what the model saw last. */
  changedSince?: boolean;
  /** The tool that asks takes no `change_all`. */
  oneOnly?: boolean;
}

/** The text after one change. Throws a ToolError that is good enough for the next call to succeed. */
export function replaceText(
  { name, text, changedSince = false, oneOnly = false }: Place,
  { old_str, new_str, change_all }: Change,
): string {
  if (old_str === new_str) throw new ToolError('old_str and new_str are the same: there is nothing to change.');
  const spans = findAll(text, old_str);
  if (spans.length === 0) throw new ToolError(noMatch(name, text, old_str));
  if (spans.length > 1 && !change_all)
    throw new ToolError(
      `old_str stands ${spans.length} times in ${name}, at lines ${linesOf(text, spans)}. Give more of the text around the one you mean${oneOnly ? '' : ', or set change_all'}.`,
    );
  if (spans.length > 1 && changedSince)
    throw new ToolError(
      `${name} has changed since it was read, and old_str stands ${spans.length} times in it, at lines ${linesOf(text, spans)}. Read it again before changing them all.`,
    );
  const replaced = replaceSpans(text, spans, new_str);
  if (replaced === text) throw new ToolError(`${name} already reads as new_str: there is nothing to change.`);
  return replaced;
}

function linesOf(text: string, spans: readonly Span[]): string {
  const lines = spans.slice(0, MAX_PLACES_NAMED).map(({ start }) => lineAt(text, start));
  return `${lines.join(', ')}${spans.length > MAX_PLACES_NAMED ? ', ...' : ''}`;
}

function noMatch(name: string, text: string, wanted: string): string {
  const closest = closestRegion(text, wanted);
  if (!closest) return `old_str does not stand in ${name}, and nothing like it. Read the file again.`;
  const { difference, first, last, lines } = closest;
  const quoted = (line: string): string => JSON.stringify(cutLine(line, MAX_LINE_CHARACTERS));
  const differs = difference
    ? `\nFirst difference, line ${difference.line}:\n  in the file: ${quoted(difference.have)}\n  in old_str:  ${quoted(difference.wanted)}`
    : '';
  // A long region is shown from just before its first difference.
  const from = Math.max(0, Math.min((difference?.line ?? first) - first - 3, lines.length - MAX_REGION_LINES));
  const region = lines
    .slice(from, from + MAX_REGION_LINES)
    .map((line, index) => `${first + from + index}\t${cutLine(line, MAX_LINE_CHARACTERS)}`)
    .join('\n');
  return `old_str does not stand in ${name}. The closest text is at lines ${first} to ${last}:\n${region}${differs}`;
}
