export interface CheckpointSettings {
  /** Larger files are left out. */
  fileBytes: number;
  /** What the store of one folder may hold. */
  count: number;
  days: number;
  bytes: number;
}

export const DEFAULT_CHECKPOINTS: CheckpointSettings = { fileBytes: 5e6, count: 500, days: 30, bytes: 1e9 };
