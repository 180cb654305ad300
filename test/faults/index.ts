import { API_FAULTS, describeFault } from './api';
import { describeFetchFault, describeSearchFault, FETCH_FAULTS, SEARCH_FAULTS } from './fetch';
import { describeJournalFault, JOURNAL_FAULTS } from './journal';
import { BUDGET_FAULTS, describeBudgetFault } from './budget';
import { EDITOR_FAULTS } from './editor';
import { describeEditorWireFault, EDITOR_PAGE_FAULTS, EDITOR_WIRE_FAULTS } from './editor-wire';
import { JOB_FAULTS } from './jobs';
import type { FaultRow } from './row';
import { describeStop, STOPS } from './stop';
import { describeWireFault, WIRE_FAULTS } from './wire';

/** What docs/reliability.md lists, chapter by chapter. To add a part: its rows here, and a test that injects each. */
export const FAULTS: readonly FaultRow[] = [
  ...API_FAULTS.map(describeFault),
  ...WIRE_FAULTS.map(describeWireFault),
  ...EDITOR_WIRE_FAULTS.map(describeEditorWireFault),
  ...EDITOR_PAGE_FAULTS,
  ...FETCH_FAULTS.map(describeFetchFault),
  ...SEARCH_FAULTS.map(describeSearchFault),
  ...STOPS.map(describeStop),
  ...JOURNAL_FAULTS.map(describeJournalFault),
  ...BUDGET_FAULTS.map(describeBudgetFault),
  ...EDITOR_FAULTS,
  ...JOB_FAULTS,
];

const HEAD = `# What happens when something fails

Each row is a fault that a test injects, over a real socket where it is one of the network, and what the test found; the table is written from the tests' own data by \`npm run manifest\`. The columns tell what fails, what happens, what the user is told (in quotes: words of the message; in code: the reason a client can offer a remedy for), and what is kept. After each fault of the API and each stop the same session is sent “go on”, and the history is accepted by a server that refuses what the API refuses.

The command line is killed with SIGKILL at 200 seeded moments of a session with edits and commands, and the extension host of a real editor at 4 in each run of the tests. All 200 kills of the host with the seed 20261125 were made by \`npm run kill -- --host --runs 200 --seed 20261125\`, in parts, and no check failed; \`--first N\` begins at a later one, and \`--seed N\` makes others. What is checked after each: no event that was told is missing in the journal, each file is as it was before or after an edit, no command runs again unasked, none is left running, and the session goes on.

A stream is also cut at each of its bytes: nothing is shown twice, no half call is run, and the history stays valid.
`;

export function reliabilityPage(rows: readonly FaultRow[] = FAULTS): string {
  const parts = [...new Set(rows.map(({ part }) => part))];
  const chapters = parts.map((part) => {
    const lines = rows
      .filter((row) => row.part === part)
      .map(({ fails, happens, sees, kept }) => `| ${[fails, happens, sees, kept].map(cell).join(' | ')} |`);
    return `## ${part}\n\n| What fails | What happens | What the user sees | What is kept |\n|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  return `${HEAD}\n${chapters.join('\n')}\n${rows.length} faults.\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').trim();
}
