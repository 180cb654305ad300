import * as vscode from 'vscode';
import type { Labels } from '../../panel/protocol';
import type { ACTIVITY_LABELS } from '../../panel/sections/activity';
import type { AGENT_LABELS } from '../../panel/sections/agents';
import type { ASKING_LABELS } from '../../panel/sections/asking';
import type { CHANGES_LABELS } from '../../panel/sections/changes';
import type { CHECKPOINT_LABELS } from '../../panel/sections/checkpoints';
import type { COMPOSER_LABELS } from '../../panel/sections/composer';
import type { HEAD_LABELS } from '../../panel/sections/head';
import type { METER_LABELS } from '../../panel/sections/meter';
import type { RUN_LABELS } from '../../panel/sections/runs';
import type { SESSION_LABELS } from '../../panel/sections/sessions';
import type { SKILL_LABELS } from '../../panel/sections/skills';
import type { TODO_LABELS } from '../../panel/sections/todos';
import { jobLabels } from './job-labels';

type Words<Keys extends readonly string[]> = Record<Keys[number], string>;

/** What the panel's page says, a function a section; `{0}` and `{1}` are filled in by the page. */
export function panelLabels(): Labels {
  return {
    ...{ ...head(), ...asking(), ...todos(), ...agents(), ...skills() },
    ...{
      ...changes(),
      ...checkpoints(),
      ...activity(),
      ...meter(),
      ...composer(),
      ...sessions(),
      ...runs(),
      ...jobLabels(),
    },
  };
}

function head(): Words<typeof HEAD_LABELS> {
  return {
    emptyTitle: vscode.l10n.t('Nothing here yet'),
    emptyBody: vscode.l10n.t(
      'Write below what is to be done, or ask @ml-engineer in the chat. The to-do list and the files it changes show up here.',
    ),
    openChat: vscode.l10n.t('Open Chat'),
    running: vscode.l10n.t('Working…'),
    done: vscode.l10n.t('Finished.'),
    stopped: vscode.l10n.t('Stopped.'),
    waiting: vscode.l10n.t('Waiting for a job.'),
    limit: vscode.l10n.t('Stopped at a limit.'),
    failed: vscode.l10n.t('Failed.'),
    interrupted: vscode.l10n.t('Interrupted before it was finished.'),
  };
}

function asking(): Words<typeof ASKING_LABELS> {
  return {
    questions: vscode.l10n.t('Waiting for you'),
    questionBody: vscode.l10n.t('What would happen'),
    waitsInChat: vscode.l10n.t('Waiting in the chat: {0}'),
    goToChat: vscode.l10n.t('Go to Chat'),
    mayBeLost: vscode.l10n.t('What may be lost:'),
    oneOf: vscode.l10n.t('{0} of {1}'),
    editFirst: vscode.l10n.t('Edit First…'),
    runEdited: vscode.l10n.t('Run This Instead'),
    denyWhy: vscode.l10n.t('Deny With a Reason…'),
    denyReason: vscode.l10n.t('Why not, and what instead: the agent is told'),
    deny: vscode.l10n.t('Deny'),
    back: vscode.l10n.t('Back'),
  };
}

function todos(): Words<typeof TODO_LABELS> {
  return {
    todos: vscode.l10n.t('To-dos'),
    progress: vscode.l10n.t('{0} of {1} done'),
    noTodos: vscode.l10n.t('No to-dos in this session.'),
    pending: vscode.l10n.t('to do'),
    in_progress: vscode.l10n.t('in progress'),
    completed: vscode.l10n.t('done'),
    addTodo: vscode.l10n.t('Add a to-do'),
    addTodoHint: vscode.l10n.t('Add a to-do, and press Enter'),
    tickTodo: vscode.l10n.t('Done: {0}'),
    moveTodoUp: vscode.l10n.t('Move Up: {0}'),
    moveTodoDown: vscode.l10n.t('Move Down: {0}'),
    removeTodo: vscode.l10n.t('Delete: {0}'),
  };
}

function agents(): Words<typeof AGENT_LABELS> {
  return {
    agents: vscode.l10n.t('Subagents'),
    queued: vscode.l10n.t('Waits for a free place.'),
    asking: vscode.l10n.t('Waits for your answer.'),
    cut: vscode.l10n.t('Cut: its window closed before it was done.'),
    inBackground: vscode.l10n.t('in the background'),
    turnsAndCost: vscode.l10n.t('Turns: {0} · {1}'),
    unknownCost: vscode.l10n.t('price unknown'),
    transcript: vscode.l10n.t('Open Transcript'),
    transcriptOf: vscode.l10n.t('Open Transcript: {0}'),
    stop: vscode.l10n.t('Stop'),
    stopOf: vscode.l10n.t('Stop: {0}'),
  };
}

function skills(): Words<typeof SKILL_LABELS> {
  return {
    skills: vscode.l10n.t('Skills'),
    offered: vscode.l10n.t('offered'),
    loaded: vscode.l10n.t('loaded'),
  };
}

function changes(): Words<typeof CHANGES_LABELS> {
  return {
    changes: vscode.l10n.t('Changed Files'),
    noChanges: vscode.l10n.t('No files changed in this session.'),
    moreFiles: vscode.l10n.t('More changed files than are shown here: {0}.'),
    created: vscode.l10n.t('created'),
    deleted: vscode.l10n.t('deleted'),
    modified: vscode.l10n.t('modified'),
    counts: vscode.l10n.t('Lines added: {0}, removed: {1}.'),
    filesInside: vscode.l10n.t('Files: {0}'),
    renamedFrom: vscode.l10n.t('renamed from {0}'),
    binaryMark: vscode.l10n.t('binary'),
    openAll: vscode.l10n.t('Open All Diffs'),
    openDiff: vscode.l10n.t('Open in Diff Editor'),
    openDiffOf: vscode.l10n.t('Open in Diff Editor: {0}'),
    openFile: vscode.l10n.t('Open File'),
    openFileOf: vscode.l10n.t('Open File: {0}'),
    reviewed: vscode.l10n.t('accepted'),
    acceptAll: vscode.l10n.t('Accept All'),
    rejectAll: vscode.l10n.t('Reject All'),
    acceptFile: vscode.l10n.t('Accept All of {0}'),
    rejectFile: vscode.l10n.t('Reject All of {0}'),
    accept: vscode.l10n.t('Accept'),
    reject: vscode.l10n.t('Reject'),
    hunkOf: vscode.l10n.t('Change {0} of {1}. A accepts, R rejects, the arrows lead on.'),
    acceptedLeft: vscode.l10n.t('Accepted. Changes left to decide on: {0}.'),
    rejectedLeft: vscode.l10n.t('Rejected. Changes left to decide on: {0}.'),
    mixed: vscode.l10n.t('You wrote over this one too.'),
    madeBy: vscode.l10n.t('By: {0}'),
    madeFor: vscode.l10n.t('For: {0}'),
    diffOf: vscode.l10n.t('Changes of {0}'),
    binary: vscode.l10n.t('A binary file: there is no diff to show.'),
    huge: vscode.l10n.t('This file is too large to show here. Open it in the diff editor.'),
    lost: vscode.l10n.t('The earlier content of this file is no longer stored.'),
    crowded: vscode.l10n.t('Too many changes to show them all here. Decide on this one in its editor, hunk by hunk.'),
    comparing: vscode.l10n.t('This file is being compared…'),
    moreLines: vscode.l10n.t('More lines than are shown here: {0}. Open this file in the diff editor to see them.'),
    lineCut: vscode.l10n.t('… (a long line)'),
    noNewline: vscode.l10n.t('No newline at the end of the file'),
  };
}

function activity(): Words<typeof ACTIVITY_LABELS> {
  return {
    activity: vscode.l10n.t('Activity'),
    noActivity: vscode.l10n.t('Nothing has happened in this session yet.'),
    search: vscode.l10n.t('Search the activity'),
    matches: vscode.l10n.t('{0} of {1}'),
    noMatches: vscode.l10n.t('No matches'),
    nextMatch: vscode.l10n.t('Next Match'),
    previousMatch: vscode.l10n.t('Previous Match'),
    onlyMatches: vscode.l10n.t('Show Only Matches'),
    copyRow: vscode.l10n.t('Copy'),
    unfold: vscode.l10n.t('Show All of It'),
    fold: vscode.l10n.t('Show Less'),
    showLog: vscode.l10n.t('Show Log'),
    rowOf: vscode.l10n.t('{0}: {1}'),
    input: vscode.l10n.t('Input'),
    output: vscode.l10n.t('Output'),
    whole: vscode.l10n.t('Text'),
    attachment: vscode.l10n.t('Attached'),
    noteFor: vscode.l10n.t('Note to the model'),
    loading: vscode.l10n.t('Loading…'),
    gone: vscode.l10n.t('This is no longer stored.'),
    moreCharacters: vscode.l10n.t('More characters than are shown here: {0}. "Copy" takes all of them.'),
    earlierRows: vscode.l10n.t('Earlier steps than are shown here: {0}. The transcript has them.'),
    allowedBy: vscode.l10n.t('allowed by {0}'),
    refusedBy: vscode.l10n.t('refused by {0}'),
    noRun: vscode.l10n.t('no run behind this'),
    noRunNumber: vscode.l10n.t('no run behind this number'),
    changedSince: vscode.l10n.t('files changed since'),
    by_mode: vscode.l10n.t('the mode'),
    by_rule: vscode.l10n.t('a rule'),
    by_user: vscode.l10n.t('you'),
    by_headless: vscode.l10n.t('the lack of anyone to ask'),
    by_protection: vscode.l10n.t('a protection'),
    by_input: vscode.l10n.t('its input'),
    ...activityRows(),
  };
}

function activityRows(): Pick<Labels, Extract<keyof Labels, `row_${string}`>> {
  return {
    row_prompt: vscode.l10n.t('You'),
    row_steer: vscode.l10n.t('You, meanwhile'),
    row_note: vscode.l10n.t('Note to the model'),
    row_text: vscode.l10n.t('Answer'),
    row_thinking: vscode.l10n.t('Thinking'),
    row_call: vscode.l10n.t('Call'),
    row_agent: vscode.l10n.t('Subagent'),
    row_retry: vscode.l10n.t('Tried again after {0}'),
    row_turnCut: vscode.l10n.t('The answer broke off'),
    row_warning: vscode.l10n.t('Warning'),
    row_thinned: vscode.l10n.t('To make room, old results were shortened: {0}'),
    row_compacted: vscode.l10n.t('To make room, the conversation so far was summed up'),
    row_modelSwitch: vscode.l10n.t('Another model answers'),
    row_undo: vscode.l10n.t('Changes taken back or made again in files: {0}'),
    row_claims: vscode.l10n.t('Evidence'),
    row_review: vscode.l10n.t('Changes kept in files: {0}'),
    row_end: vscode.l10n.t('End'),
    row_waiting: vscode.l10n.t('Goes on when the job ends.'),
    row_yielded: vscode.l10n.t('Made way for your next message.'),
    row_waits: vscode.l10n.t('waits for your answer'),
    row_live: vscode.l10n.t('at work'),
  };
}

function meter(): Words<typeof METER_LABELS> {
  return {
    meter: vscode.l10n.t('Meter'),
    contextUsed: vscode.l10n.t('Context'),
    contextOf: vscode.l10n.t('{0} of {1} tokens'),
    contextUnknown: vscode.l10n.t('{0} tokens'),
    estimates: vscode.l10n.t('The parts are estimates, scaled to what the model counted.'),
    part_system: vscode.l10n.t('Instructions'),
    part_tools: vscode.l10n.t('Tools'),
    part_skills: vscode.l10n.t('Skills'),
    part_files: vscode.l10n.t('Files and results'),
    part_conversation: vscode.l10n.t('Conversation'),
    tokensIn: vscode.l10n.t('Tokens in'),
    tokensOut: vscode.l10n.t('Tokens out'),
    cachedRead: vscode.l10n.t('Read from cache'),
    cachedWrite: vscode.l10n.t('Written to cache'),
    costSession: vscode.l10n.t('This session'),
    costToday: vscode.l10n.t('Today'),
    costByModel: vscode.l10n.t('By model'),
    costByDroid: vscode.l10n.t('By droid'),
    costBySkill: vscode.l10n.t('By skill'),
    noSkill: vscode.l10n.t('no skill'),
    skillCost: vscode.l10n.t(
      'Counted for the skill that was loaded last, until the end of the message. What came before cannot be told apart.',
    ),
    limits: vscode.l10n.t('Limits'),
    limitUsed: vscode.l10n.t('{0} of {1}'),
    unknownPrice: vscode.l10n.t('{0} and turns of unknown price: {1}'),
    meterDetails: vscode.l10n.t('Costs in detail'),
    jobsSession: vscode.l10n.t('Jobs of this session'),
    jobsToday: vscode.l10n.t('Jobs of today'),
    jobsByDroid: vscode.l10n.t('Jobs by droid'),
    jobsBySkill: vscode.l10n.t('Jobs by skill'),
    hoursTaken: vscode.l10n.t('{0} h'),
    gpuHoursTaken: vscode.l10n.t('{0} GPU-hours'),
  };
}

function checkpoints(): Words<typeof CHECKPOINT_LABELS> {
  return {
    checkpoints: vscode.l10n.t('Checkpoints'),
    noCheckpoints: vscode.l10n.t('No checkpoints in this session yet.'),
    moreCheckpoints: vscode.l10n.t('Older ones that are not shown: {0}.'),
    editsAlone: vscode.l10n.t('edits alone'),
    withoutFiles: vscode.l10n.t(
      'No files are kept for this session: there is no git, or checkpoints are off or were refused here. Going back takes back the edits of the agent, not what commands changed.',
    ),
    notStored: vscode.l10n.t('files no longer stored'),
    beforeMessage: vscode.l10n.t('Before: {0}'),
    afterStep: vscode.l10n.t('After: {0}'),
    beforeRestore: vscode.l10n.t('Before a restore, in: {0}'),
    beforeRestoreOnly: vscode.l10n.t('Before a restore'),
    filesChanged: vscode.l10n.t('files changed: {0}'),
    selectPoint: vscode.l10n.t('Select to Compare: {0}'),
    comparePoints: vscode.l10n.t('Compare the Two'),
    compareWithNow: vscode.l10n.t('Compare With Now: {0}'),
    restorePoint: vscode.l10n.t('Go Back...: {0}'),
    forkPoint: vscode.l10n.t('New Session From Here: {0}'),
    wentBackFiles: vscode.l10n.t('The files went back to a checkpoint.'),
    wentBackConversation: vscode.l10n.t('The conversation went back to a checkpoint.'),
    wentBackBoth: vscode.l10n.t('Files and conversation went back to a checkpoint.'),
    undoRestore: vscode.l10n.t('Undo the Restore'),
  };
}

function composer(): Words<typeof COMPOSER_LABELS> {
  return {
    composer: vscode.l10n.t('Message'),
    promptBox: vscode.l10n.t('What is to be done'),
    promptHint: vscode.l10n.t('@ attaches, / runs a skill'),
    send: vscode.l10n.t('Send'),
    queue: vscode.l10n.t('Send When It Is Done'),
    steer: vscode.l10n.t('Say It Now, at the Next Step (Ctrl+Enter)'),
    stopRun: vscode.l10n.t('Stop the Run'),
    waitingMessages: vscode.l10n.t('Waiting messages'),
    saidMeanwhile: vscode.l10n.t('taken at the next step: {0}'),
    takeBack: vscode.l10n.t('Take Back: {0}'),
    sendWaiting: vscode.l10n.t('Send the First One Now'),
    attachments: vscode.l10n.t('Attached'),
    detach: vscode.l10n.t('Do Not Attach: {0}'),
    suggestions: vscode.l10n.t('Suggestions'),
    noSuggestions: vscode.l10n.t('Nothing fits.'),
    droid: vscode.l10n.t('Droid: {0}'),
    model: vscode.l10n.t('Model: {0}'),
    effort: vscode.l10n.t('Effort: {0}'),
    mode: vscode.l10n.t('Mode: {0}'),
    tooLarge: vscode.l10n.t('{0} is larger than 5 MB.'),
    wrongType: vscode.l10n.t('{0} is no image that a model takes: PNG, JPEG, GIF or WebP.'),
    tooMany: vscode.l10n.t('No more than {0} images go with one message. Left out: {1}.'),
    attachImage: vscode.l10n.t('Attach an Image'),
    dismiss: vscode.l10n.t('Dismiss'),
  };
}

function sessions(): Words<typeof SESSION_LABELS> {
  return {
    sessions: vscode.l10n.t('Sessions'),
    newSession: vscode.l10n.t('New Session'),
    searchSessions: vscode.l10n.t('Search sessions'),
    noSessions: vscode.l10n.t('No sessions.'),
    moreSessions: vscode.l10n.t('More sessions than are shown here: {0}. Search for them.'),
    untitled: vscode.l10n.t('(no message yet)'),
    currentSession: vscode.l10n.t('shown now'),
    atWork: vscode.l10n.t('at work'),
    inTerminal: vscode.l10n.t('from the terminal'),
    elsewhere: vscode.l10n.t('works on {0}'),
    openSession: vscode.l10n.t('Go On With: {0}'),
    sessionActions: vscode.l10n.t('Rename, Fork, Export...: {0}'),
    deleteSession: vscode.l10n.t('Delete: {0}'),
    deletedSession: vscode.l10n.t('Deleted: {0}'),
    undo: vscode.l10n.t('Undo'),
  };
}

function runs(): Words<typeof RUN_LABELS> {
  return {
    runs: vscode.l10n.t('Runs'),
    searchRuns: vscode.l10n.t('Search runs'),
    noRuns: vscode.l10n.t('No runs yet: a job adds one when it ends.'),
    noRunFits: vscode.l10n.t('No run fits.'),
    runsFound: vscode.l10n.t('{0} of {1} runs'),
    runTitle: vscode.l10n.t('Run'),
    runMetric: vscode.l10n.t('Metric'),
    runEnded: vscode.l10n.t('Ended'),
    runPick: vscode.l10n.t('Compare'),
    runRow: vscode.l10n.t('{0} ({1})'),
    compareRuns: vscode.l10n.t('Compare: {0}'),
    runDetail: vscode.l10n.t('Run {0}'),
    runLog: vscode.l10n.t('Open Log'),
    runDiff: vscode.l10n.t('Open Diff'),
    runLine: vscode.l10n.t('Open Ledger'),
    runFile: vscode.l10n.t('Open File'),
    runVerdict: vscode.l10n.t('Say What It Showed…'),
    runTheSame: vscode.l10n.t('Nothing that is recorded differs.'),
    runNothing: vscode.l10n.t('–'),
  };
}
