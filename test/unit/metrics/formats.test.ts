import assert from 'node:assert/strict';
import { LogReader } from '../../../src/metrics/log-reader';
import type { Metric } from '../../../src/metrics/metric';

export function metricsOf(text: string): Metric[] {
  const found: Metric[] = [];
  new LogReader({ metric: (metric) => found.push(metric) }).read(`${text}\n`, 0);
  return found;
}

const shown = ({ name, value, epoch, step, part }: Metric): string =>
  [`${name}=${value}`, epoch === undefined ? '' : `e${epoch}`, step === undefined ? '' : `s${step}`, part ?? '']
    .filter((one) => one !== '')
    .join(' ');

/** A text of a program, and what is read of it. */
const READ: Readonly<Record<string, readonly [text: string, metrics: string[]][]>> = {
  'key=value and key: value': [
    ['epoch=3 loss=0.42 val_auc=0.8', ['loss=0.42 e3', 'val_auc=0.8 e3']],
    ['2026-11-25T10:30:45.123Z INFO root:loss=0.4', ['loss=0.4']],
    ['step 100: train loss 4.2, val loss 4.3', ['train loss=4.2 s100', 'val loss=4.3 s100']],
    ['[epoch 4] train/loss=0.2 (best 0.1) | val/acc 0.9', ['train/loss=0.2 e4', 'val/acc=0.9 e4']],
    ['loss 1,234.5 lr: 1e-4', ['loss=1234.5', 'lr=0.0001']],
    ['loss: tensor(0.4213, grad_fn=<MseLossBackward0>)', ['loss=0.4213']],
  ],
  'records of JSON and of Hugging Face': [
    [
      "{'loss': 0.42, 'grad_norm': 1.25, 'learning_rate': 5e-05, 'epoch': 1.0}",
      ['loss=0.42 e1', 'grad_norm=1.25 e1', 'learning_rate=0.00005 e1'],
    ],
    ["{'eval_loss': nan, 'eval_runtime': 1.2, 'eval_samples_per_second': 12.3, 'epoch': 1.5}", ['eval_loss=NaN e1.5']],
    [
      '10:00 INFO {"step": 10, "loss": -Infinity, "seed": 42, "val": {"auc": 0.9}}',
      ['loss=-Infinity s10', 'val/auc=0.9 s10'],
    ],
    ["{'accuracy': np.float64(0.91), 'matrix': [[1, 2], [3, 4]], 'note': 'it\\'s'}", ['accuracy=0.91']],
  ],
  'bars of tqdm and Lightning': [
    [
      'Epoch 3:  45%|####5     | 45/100 [00:10<00:12,  4.50it/s, loss=0.42, v_num=0, train_acc=0.9]',
      ['loss=0.42 e3 0.45', 'train_acc=0.9 e3 0.45'],
    ],
    ['45it [00:10,  4.5it/s, loss=0.4]', ['loss=0.4']],
    ['│         test_acc          │    0.9512     │', ['test_acc=0.9512']],
  ],
  Keras: [
    [
      'Epoch 3/10\n 45/100 [====>.........] - ETA: 3s - loss: 0.42 - accuracy: 0.8',
      ['loss=0.42 e3 0.45', 'accuracy=0.8 e3 0.45'],
    ],
    [
      '45/100 \u001b[32m━━━━━━━━━━\u001b[0m\u001b[37m━━━━━━━━━━\u001b[0m \u001b[1m3s\u001b[0m 31ms/step - loss: 2.3',
      ['loss=2.3 0.45'],
    ],
    ['100/100 - 3s - 31ms/step - loss: 0.42 - val_auc: 0.8', ['loss=0.42 1', 'val_auc=0.8 1']],
  ],
  'boosted trees': [
    [
      '[10]\tvalidation_0-logloss:0.4\tvalidation_1-auc:0.8',
      ['validation_0-logloss=0.4 s10', 'validation_1-auc=0.8 s10'],
    ],
    ['[0]\ttrain-rmse:1.2+0.01\ttest-rmse:1.3+0.02', ['train-rmse=1.2 s0', 'test-rmse=1.3 s0']],
    [
      "[10]\tvalid_0's auc: 0.8\tvalid_0's binary_logloss: 0.4",
      ["valid_0's auc=0.8 s10", "valid_0's binary_logloss=0.4 s10"],
    ],
    ['10:\tlearn: 0.42\ttest: 0.5\tbest: 0.4 (10)\ttotal: 1s\tremaining: 2.5s', ['learn=0.42 s10', 'test=0.5 s10']],
  ],
  'PyTorch scripts': [
    ['Epoch [3/10], Step [150/600], Loss: 0.4210', ['Loss=0.421 e3 0.25']],
    [
      'Epoch: [3][ 10/100]\tTime  0.1 ( 0.2)\tLoss 4.1234e+00 (4.5678e+00)\tAcc@1  45.00 ( 43.20)',
      ['Loss=4.1234 e3 0.1', 'Acc@1=45 e3 0.1'],
    ],
    ['Train Epoch: 3 [600/60000 (1%)]\tLoss: 2.29', ['Loss=2.29 e3 0.01']],
    ['Test set: Average loss: 0.0342, Accuracy: 9888/10000 (99%)', ['Average loss=0.0342', 'Accuracy=0.9888']],
  ],
  'what users of scikit-learn print': [
    ['ROC AUC: 0.883', ['ROC AUC=0.883']],
    ['R^2: 0.91', ['R^2=0.91']],
    ['Mean squared error: 0.25', ['Mean squared error=0.25']],
    ['Test accuracy = 91.2%', ['Test accuracy=91.2']],
    ['Iteration 1, loss = 0.42', ['loss=0.42 s1']],
    ['[CV 1/5] END ..C=1, kernel=rbf;, score=0.950 total time=   0.1s', ['score=0.95']],
    [
      '              precision    recall  f1-score   support\n\n       cat       0.95      0.90      0.92        50\n\n    accuracy                           0.91       100\n   macro avg       0.91      0.92      0.93       100',
      [
        'cat precision=0.95',
        'cat recall=0.9',
        'cat f1-score=0.92',
        'accuracy=0.91',
        'macro avg precision=0.91',
        'macro avg recall=0.92',
        'macro avg f1-score=0.93',
      ],
    ],
    [
      '      Iter       Train Loss   Remaining Time \n         1           1.2613            0.30s',
      ['Train Loss=1.2613 s1'],
    ],
  ],
  'tables of columns': [
    [
      'epoch     train_loss  valid_loss  accuracy  time    \n0         0.51        0.41        0.81      00:10   ',
      ['train_loss=0.51 e0', 'valid_loss=0.41 e0', 'accuracy=0.81 e0'],
    ],
  ],
};

/** No metrics, whatever numbers stand in them. */
const NOT_READ = [
  'LogisticRegression(C=1.0, tol=0.0001, l1_loss=0.3)',
  'Namespace(lr=0.1, loss=0.5, seed=42)',
  'num_epochs=10 batch_size=32 loss_weight=0.5 target_accuracy=0.9 max_grad_norm=1.0 label_smoothing: 0.1',
  '{"lr": 0.1, "batch_size": 32, "epochs": 10, "dropout": 0.1}',
  'torch: 2.1.0 accuracy-2.1.0 scoring==1.2.3 loss: 2.1.0',
  'Error: 404, exit code: 1, errors: 3',
  'saving /runs/epoch=3-val_loss=0.42.ckpt',
  'http://host:8080/loss=3/x?acc=5',
  'date: 2026-11-25 score 10:30:45 loss 2026-11-25',
  'Elapsed time: 3.5 s, loss took 33ms',
  '[LightGBM] [Info] Total Bins 4532',
  '[LightGBM] [Info] Start training from score 0.070029',
  '[LightGBM] [Info] [binary:BoostFromScore]: pavg=0.497000 -> initscore=-0.012000',
  'best epoch: 3',
  'Some weights of the model were not used: 12',
];

describe('the formats of metrics', () => {
  for (const [name, cases] of Object.entries(READ))
    it(`${name} are read`, () => {
      for (const [text, metrics] of cases) assert.deepEqual(metricsOf(text).map(shown), metrics, text);
    });

  it('settings, versions, times, paths and addresses are no metrics', () => {
    for (const text of NOT_READ) assert.deepEqual(metricsOf(text).map(shown), [], text);
  });

  it('a metric knows its split and its line', () => {
    const [train, val] = metricsOf('\n\ntrain_loss=1\nvalidation_0-auc=2');
    assert.deepEqual([train?.split, train?.line, val?.split, val?.line], ['train', 3, 'val', 4]);
  });
});
