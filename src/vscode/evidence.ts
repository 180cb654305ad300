import * as vscode from 'vscode';
import * as z from 'zod';
import type { AnswerClaim } from '../agent/answer-claim';
import type { Evidence, EvidenceOptions } from '../agent/evidence';
import type { Model } from '../agent/model';
import type { Session } from '../agent/session';
import type { JobsPlace } from '../jobs/jobs';
import { sessionEvidence } from '../session-evidence';
import { escapeMarkdown } from '../text/markdown';
import { visible } from '../text/visible';
import type { Sessions } from './sessions';
import { readSettings } from './settings';

const SCHEME = 'ml-engineer-evidence';
const MAX_SESSIONS = 20;

type Journals = Pick<Sessions, 'open' | 'exists'>;

/** What stands behind the answers of this window's sessions. What a session ran is read once. */
export class Evidences {
  readonly #bySession = new Map<string, Evidence>();

  constructor(
    private readonly sessions: Journals,
    private readonly jobs: () => JobsPlace,
  ) {}

  /** For one run; `undefined` where the person wants none. Recorded turns cannot answer a question, so they are not asked. */
  of({ id }: Session, model: Pick<Model, 'id'>): EvidenceOptions | undefined {
    const mode = readSettings().evidence;
    if (mode === 'off') return undefined;
    return { port: this.#port(id), mode: model.id.startsWith('demo (') ? 'mark' : mode };
  }

  #port(id: string): Evidence {
    const known = this.#bySession.get(id);
    if (known) return known;
    const made = sessionEvidence({
      jobs: this.jobs(),
      subagent: async (child) => ((await this.sessions.exists(child)) ? this.sessions.open(child) : undefined),
    });
    this.#bySession.set(id, made);
    const [oldest] = this.#bySession.keys();
    if (this.#bySession.size > MAX_SESSIONS && oldest !== undefined) this.#bySession.delete(oldest);
    return made;
  }
}

// Anyone may open an address of our scheme, and the session becomes part of a path.
const querySchema = z.object({ session: z.string().regex(/^[\w-]{1,100}$/u), call: z.string().max(200) });

/** Serves what a call printed, as the journal has it, so that a link leads to the very line. */
export function registerEvidence(context: vscode.ExtensionContext, sessions: Journals, scheme = SCHEME): void {
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: async (uri) => {
      const query = querySchema.safeParse(parsed(uri.query)).data;
      if (!query || !(await sessions.exists(query.session))) return gone();
      const { entries } = await sessions.open(query.session);
      const event = entries.findLast(({ event: one }) => one.type === 'tool-end' && one.call === query.call)?.event;
      const view = event?.type === 'tool-end' ? event.view : undefined;
      if (view?.kind === 'command') return view.output;
      return view?.kind === 'text' && view.measured !== undefined ? view.text : gone();
    },
  };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
}

function parsed(query: string): unknown {
  try {
    return JSON.parse(query);
  } catch {
    return undefined; // An address that somebody else made up.
  }
}

function gone(): string {
  return vscode.l10n.t('What this run printed is no longer stored.');
}

/** The line that bears a claim: of a job in its log, of a call in what the journal has of it. */
function placeOf(session: string, { evidence }: AnswerClaim): vscode.Location | undefined {
  if (!evidence) return undefined;
  const at = new vscode.Position(Math.max(0, evidence.line - 1), 0);
  if (evidence.log !== undefined) return new vscode.Location(vscode.Uri.file(evidence.log), at);
  const query = JSON.stringify({ session: evidence.session ?? session, call: evidence.source });
  // VS Code draws the last part of the path and the line, whatever title an anchor is given.
  const name =
    evidence.title
      .replaceAll(/[^\w. =-]+/gu, '-')
      .slice(0, 60)
      .trim() || 'run';
  return new vscode.Location(vscode.Uri.from({ scheme: SCHEME, path: `/${name}.log`, query }), at);
}

/** Draws what stands behind an answer below it: a link to the line of the run, or that there is none. */
export function drawClaims(stream: vscode.ChatResponseStream, session: string, claims: readonly AnswerClaim[]): void {
  if (claims.length === 0) return;
  stream.markdown(`\n\n**${vscode.l10n.t('Evidence')}**\n`);
  for (const claim of claims) {
    const place = placeOf(session, claim);
    stream.markdown(`\n- ${place ? '' : '⚠ '}**${escapeMarkdown(visible(claim.text))}**: `);
    if (place) stream.anchor(place, whereWords(claim));
    else stream.markdown(escapeMarkdown(missingWords(claim)));
    if (place && claim.stale) stream.markdown(` (⚠ ${escapeMarkdown(vscode.l10n.t('files changed since'))})`);
  }
  stream.markdown('\n\n');
}

export function missingWords({ value }: AnswerClaim): string {
  return value === null ? vscode.l10n.t('no run behind this') : vscode.l10n.t('no run behind this number');
}

export function whereWords({ evidence }: AnswerClaim): string {
  if (!evidence) return '';
  const command = visible(evidence.title.split('\n')[0] ?? '').slice(0, 60);
  return vscode.l10n.t('{0}, line {1}', command, evidence.line);
}

/** Opens the line that bears a claim; nothing where none does. */
export async function openEvidence(session: string, claim: AnswerClaim): Promise<void> {
  const place = placeOf(session, claim);
  if (!place) return;
  // By the workbench itself, which shows logs past 50 MB as well; a line past the end is the last one to it.
  await vscode.commands.executeCommand('vscode.open', place.uri, { preview: true, selection: place.range });
}
