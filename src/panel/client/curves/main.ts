// A second script of the page: loaded with the first curve that is shown.
import { SECOND } from '../second-script';
import { draw } from './draw';

(window as unknown as Record<string, unknown>)[SECOND.curves.name] = draw;
