import type { Format, Position } from '../metric';
import { chosen } from './choose';
import { positionIn } from './position';
import { candidatesIn } from './words';

/** `desc:  45%|####5     | 45/100 [00:10<00:12, 4.50it/s, loss=0.42]` (tqdm, and Lightning's bar, which is one). */
const TQDM =
  /^(.{0,200}?)\s{0,10}(\d{1,3})%\|[^|]{0,400}\|\s{0,10}([\d.]{1,15})([kMGT]?)\w{0,3}\/([\d.]{1,15})([kMGT]?)\w{0,3} \[([\d:]{2,12})<([\d:?]{1,12})(?:, ?([^\]]{0,4000}))?\]?(.*)$/u;
/** Without a total: `45it [00:10, 4.5it/s, loss=0.4]` */
const COUNTED = /^(.{0,200}?)\s{0,10}(\d{1,12})it \[([\d:]{2,12}), ?([^\]]{0,4000})\]/u;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

export const tqdm: Format = {
  name: 'tqdm',
  hint: (line) => line.includes('%|') || line.includes('it ['),
  read(line, { names }) {
    const bar = TQDM.exec(line);
    if (!bar) return counted(line, names);
    const [, title = '', , done = '', doneUnit = '', total = '', totalUnit = '', , left = '', after = ''] = bar;
    const [count, of] = [Number(done) * (UNITS[doneUnit] ?? 1), Number(total) * (UNITS[totalUnit] ?? 1)];
    if (!(of > 0)) return undefined;
    const seconds = secondsOf(left);
    const at: Position = { ...positionIn(title), bar: Math.min(1, count / of) };
    if (seconds !== undefined) at.remaining = seconds;
    if (at.epoch !== undefined) [at.batch, at.batches] = [count, of];
    return { pairs: chosen(candidatesIn(after), { ...at, batch: count }, names), at, redrawn: true };
  },
};

function counted(line: string, names: Parameters<Format['read']>[1]['names']): ReturnType<Format['read']> {
  const bar = COUNTED.exec(line);
  if (!bar) return undefined;
  const [, title = '', count = '', , after = ''] = bar;
  const at = positionIn(title);
  if (at.epoch !== undefined) at.batch = Number(count);
  return { pairs: chosen(candidatesIn(after), { ...at, batch: Number(count) }, names), at, redrawn: true };
}

/** `1:02:03`, `02:03`; `undefined` for `?`. */
function secondsOf(text: string): number | undefined {
  const parts = text.split(':').map(Number);
  return parts.some((part) => !Number.isFinite(part)) ? undefined : parts.reduce((sum, part) => sum * 60 + part, 0);
}

/**
 * Keras: `45/100 [====>.....] - ETA: 3s - loss: 0.42` of old, `45/100 ━━━━━━ 3s 31ms/step - loss: 0.42` of now, and
 * `100/100 - 3s - loss: 0.42 - val_auc: 0.8` of its quiet form. The epoch stands in a line of its own before.
 */
const KERAS =
  /^\s{0,10}(\d{1,9})\/(\d{1,9}|Unknown) ?(?:\[[=>.]{1,100}\]|[━─╸╺ ]{3,200}|(?= ?-)) ?(?:- )?(?:ETA: )?(?:(\d{1,6})s?\b)?/u;

export const keras: Format = {
  name: 'keras',
  hint: (line) => /^\s{0,10}\d+\/(?:\d|U)/u.test(line),
  read(line, { names }) {
    const bar = KERAS.exec(line);
    if (!bar) return undefined;
    const [all, done = '', total = ''] = bar;
    const at: Position = { batch: Number(done) };
    if (Number(total) > 0) at.batches = Number(total);
    return { pairs: chosen(candidatesIn(line.slice(all.length)), at, names), at, redrawn: true };
  },
};
