import { dvc } from './dvc';
import { lightning } from './lightning';
import { mlflowFiles } from './mlflow-files';
import { mlflowStore } from './mlflow-store';
import type { Reader } from './reader';
import { tensorboard } from './tensorboard';
import { wandb } from './wandb';

/** Whose runs are read. To add one: its file, and a line here. */
export const READERS: readonly Reader[] = [mlflowStore, mlflowFiles, wandb, lightning, tensorboard, dvc];
