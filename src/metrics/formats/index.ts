import type { Format } from '../metric';
import { keras, tqdm } from './bars';
import { boosting, catboost } from './boosting';
import { record } from './record';
import { table } from './table';
import { words } from './words';

/** In the order in which they are asked; the first that reads a line has read it. */
export const FORMATS: readonly Format[] = [record, boosting, catboost, tqdm, keras, table, words];
