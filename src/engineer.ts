import type { Droid } from './library/droids';
import type { Skill } from './library/skills';
import type { JournalEntry } from './agent/events';
import type { SessionHead } from './agent/loop';
import type { Mode } from './agent/approval';
import type { Tool } from './agent/tool';
import type { Host } from './host/host';

/** Where the library looks: the product's own folder (with droids/ and skills/), and the home folder. */
export interface Places {
  product: string;
  home: string;
}

/** A droid with all it works by, ready to start or go on with sessions. Built anew for each message, so that new files count. */
export interface Engineer {
  droid: Droid;
  skills: Skill[];
  tools: Tool<Host>[];
  head: SessionHead;
  /** What the model does not know yet, as notes for the next prompt. */
  notes(branch: readonly JournalEntry[]): string[];
  /** What could not be read (a droid, a skill, AGENTS.md), for the user; everything else goes on. */
  problems: string[];
}

export declare function loadEngineer(options: { host: Host; places: Places; droid?: string; mode: Mode }): Promise<Engineer>;
