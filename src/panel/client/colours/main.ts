// A second script of the page: loaded with the first diff that is shown.
import { SECOND } from '../second-script';
import { paint } from './paint';

(window as unknown as Record<string, unknown>)[SECOND.colours.name] = paint;
