/** Every command of the extension; a test holds this list and package.json together. */
export const COMMANDS = {
  setKey: 'mlEngineer.setApiKey',
  removeKey: 'mlEngineer.removeApiKey',
  setSearchKey: 'mlEngineer.setSearchKey',
  removeSearchKey: 'mlEngineer.removeSearchKey',
  keySource: 'mlEngineer.showKeySource',
  openDemo: 'mlEngineer.openDemo',
  showLog: 'mlEngineer.showLog',
  undo: 'mlEngineer.undoChanges',
  redo: 'mlEngineer.redoChanges',
  keep: 'mlEngineer.keepChanges',
  openChanges: 'mlEngineer.openChanges',
  putBack: 'mlEngineer.putBackFiles',
  newSession: 'mlEngineer.newSession',
  goOn: 'mlEngineer.goOn',
  retryNow: 'mlEngineer.retryNow',
  continueCut: 'mlEngineer.continueTurn',
  undoCut: 'mlEngineer.undoCutTurn',
  permissions: 'mlEngineer.showPermissions',
  explain: 'mlEngineer.explainPermission',
  runSkill: 'mlEngineer.runSkill',
  copySkill: 'mlEngineer.copySkill',
  chooseDroid: 'mlEngineer.chooseDroid',
  generateDroid: 'mlEngineer.generateDroid',
  gettingStarted: 'mlEngineer.gettingStarted',
  ask: 'mlEngineer.ask',
  askSymbol: 'mlEngineer.askSymbol',
  askFiles: 'mlEngineer.askFiles',
  askCell: 'mlEngineer.askCell',
  askTest: 'mlEngineer.askTest',
  askTerminal: 'mlEngineer.askTerminal',
  fixProblem: 'mlEngineer.fixProblem',
  restore: 'mlEngineer.restore',
  emptyTrash: 'mlEngineer.emptyTrash',
  restoreCheckpoint: 'mlEngineer.restoreCheckpoint',
  library: 'mlEngineer.showLibrary',
  compact: 'mlEngineer.compactSession',
  evidence: 'mlEngineer.showEvidence',
  otherTools: 'mlEngineer.chooseOtherTools',
  continueInChat: 'mlEngineer.continueInChat',
  showJobs: 'mlEngineer.showJobs',
  stopJob: 'mlEngineer.stopJob',
  reviewAccept: 'mlEngineer.review.accept',
  reviewReject: 'mlEngineer.review.reject',
  reviewNext: 'mlEngineer.review.next',
  reviewPrevious: 'mlEngineer.review.previous',
  reviewAcceptFile: 'mlEngineer.review.acceptFile',
  reviewRejectFile: 'mlEngineer.review.rejectFile',
  reviewAcceptAll: 'mlEngineer.review.acceptAll',
  reviewRejectAll: 'mlEngineer.review.rejectAll',
  reviewOpenDiff: 'mlEngineer.review.openDiff',
  reviewOpenAll: 'mlEngineer.review.openAll',
  reviewShow: 'mlEngineer.review.showInPanel',
} as const;

type Commands = typeof COMMANDS;

export type CommandId = Commands[keyof Commands];

/** Those of the review in the editor. */
export type ReviewCommandId = Commands[Extract<keyof Commands, `review${string}`>];

/** The panel's view, as package.json names it. */
export const VIEW_ID = 'mlEngineer.panel';
