import type { EvidenceOptions } from '../agent/evidence';
import { sessionEvidence, type EvidencePlace } from '../session-evidence';
import type { RunArguments } from './arguments';
import type { Settings } from './settings';

/** Recorded turns cannot answer a question that was not there when they were recorded: with them it is only marked. */
export function evidenceOptions(
  given: RunArguments,
  settings: Settings,
  place: EvidencePlace,
): EvidenceOptions | undefined {
  const mode = given.evidence ?? (given.script === undefined ? (settings.evidence ?? 'ask') : 'mark');
  return mode === 'off' ? undefined : { port: sessionEvidence(place), mode };
}
