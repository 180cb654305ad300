import type { Random } from '../fuzz/random';

/** Lines as training programs print them; `#` stands for a number. */
const KINDS = [
  'epoch=# loss=0.# val_auc=0.#\n',
  'Epoch #/100\n',
  ' #/500 [====>.........] - ETA: 3s - loss: 0.# - accuracy: 0.#\r',
  'Epoch #:  45%|####5     | 45/100 [00:10<00:12,  4.50it/s, loss=0.#]\r',
  '\u001b[1m#/100\u001b[0m \u001b[32m━━━━\u001b[0m \u001b[1m3s\u001b[0m 31ms/step - loss: 2.#\r\n',
  '{"step": #, "loss": 0.#, "lr": 0.001}\n',
  "{'loss': nan, 'learning_rate': 5e-05, 'epoch': 1.0}\n",
  '[#]\tvalidation_0-logloss:0.#\n',
  "[#]\tvalid_0's auc: 0.#\tvalid_0's binary_logloss: 0.#\n",
  'epoch     train_loss  valid_loss  time    \n',
  '#         0.51#        0.41#        00:10   \n',
  '2026-11-25 10:00:00,123 INFO loading shard # of 500 from /data/part-#.parquet\n',
  'Test accuracy: 0.#\n',
  '\n',
  'naïve café 模型 💥 loss: 0.#\n',
  '\b\b\b\r',
];

/** So many lines of all kinds, one after the other by chance. */
export function mixedLog(random: Random, lines: number): string {
  return Array.from({ length: lines }, () => random.of(KINDS).replaceAll('#', () => String(1 + random.below(99)))).join(
    '',
  );
}
