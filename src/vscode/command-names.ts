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
  continueCut: 'mlEngineer.continueTurn',
  undoCut: 'mlEngineer.undoCutTurn',
  permissions: 'mlEngineer.showPermissions',
  explain: 'mlEngineer.explainPermission',
} as const;

/** The panel's view, as package.json names it. */
export const VIEW_ID = 'mlEngineer.panel';
