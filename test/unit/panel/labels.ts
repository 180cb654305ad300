import { LABEL_KEYS, type Labels } from '../../../src/panel/protocol';

/** Each label is its own key, and shows what it was filled with. */
export const labels = Object.fromEntries(LABEL_KEYS.map((key) => [key, `${key} {0} {1}`])) as Labels;
