// The page's second script: loaded with the first diff that is shown.
import { PAINT } from '../second-script';
import { paint } from './paint';

(window as unknown as Record<string, unknown>)[PAINT] = paint;
