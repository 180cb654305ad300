/** Every command of the extension; a test holds this list and package.json together. */
export const COMMANDS = {
  setKey: 'mlEngineer.setApiKey',
  removeKey: 'mlEngineer.removeApiKey',
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
  continueCut: 'mlEngineer.continueTurn',
  undoCut: 'mlEngineer.undoCutTurn',
  permissions: 'mlEngineer.showPermissions',
  explain: 'mlEngineer.explainPermission',
} as const;
