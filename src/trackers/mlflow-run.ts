import type { Tracked, TrackedMetric } from './tracked';

/** A run of MLflow's, from whichever of its stores. */
export interface MlflowRun {
  id: string;
  name: string;
  experiment: string;
  /** `FINISHED`, or the number that its files hold. */
  status: string | number;
  /** ms since the epoch; absent where it did not end. */
  began?: number | undefined;
  ended?: number | undefined;
  source: string;
  tags: ReadonlyMap<string, string>;
  metrics: readonly TrackedMetric[];
  params: readonly { name: string; value: string }[];
}

const STATES: Readonly<Record<string, Tracked['state']>> = {
  ...{ FINISHED: 'ok', FAILED: 'failed', KILLED: 'killed' },
  ...{ 3: 'ok', 4: 'failed', 5: 'killed' },
};
/** MLflow's databases hold no infinity; this stands for it. */
const LARGEST = 1.797e308;

/** Pure. */
export function trackedOf(run: MlflowRun): Tracked {
  const { id, name, experiment, status, began, ended, tags, params } = run;
  const state = STATES[String(status)] ?? 'unknown';
  const isOpen = state === 'unknown';
  return {
    ...{ id, state, isOpen, began, params },
    title: name || tags.get('mlflow.runName') || id,
    at: ended ?? began ?? 0,
    group: experiment,
    command: run.source || tags.get('mlflow.source.name'),
    metrics: run.metrics.map(({ name: metric, last }) => ({ name: metric, last: unbounded(last) })),
    commit: tags.get('mlflow.source.git.commit'),
    ...(isOpen ? { missing: ['how it ended: it runs, or was broken off'] } : {}),
  };
}

function unbounded(value: number): number {
  return Math.abs(value) >= LARGEST ? Math.sign(value) * Infinity : value;
}
