import type { PanelComposer } from '../../src/panel/sections/composer';
import type { PanelSessionList } from '../../src/panel/sections/sessions';

/** A composer in which nothing is going on. */
export const composer: PanelComposer = {
  droid: 'ml-engineer',
  model: 'Auto',
  effort: null,
  mode: 'ask',
  busy: false,
  attachments: [],
  suggestions: { request: 0, items: [] },
  said: [],
  queue: [],
  notice: { lines: [], buttons: [] },
  typed: '',
  draft: { version: '', text: '' },
};

export const sessionList: PanelSessionList = { rows: [], more: 0, deleted: null };
