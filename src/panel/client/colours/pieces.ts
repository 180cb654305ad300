import type { PanelRow } from '../../sections/changes';

/** What the page has colours for. */
export const KINDS = ['keyword', 'string', 'number', 'comment', 'type', 'function', 'name', 'meta'] as const;

export type Kind = (typeof KINDS)[number];

/** A part of a line's text that has a colour: from and up to. */
export type Piece = readonly [from: number, to: number, kind: Kind];

/** Ends with the pieces of each row of a hunk; takes a breath whenever it worked for a moment. `name`: the file's, which tells the language. */
export type Paint = (name: string, rows: readonly PanelRow[]) => Generator<void, Piece[][]>;
