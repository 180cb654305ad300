import { sizeOf } from '../text/sizes';

/** What a job uses right now. */
export interface Usage {
  /** Of one processor: two that are busy are 200. */
  cpuPercent: number;
  memoryBytes: number;
  processes: number;
  /** Empty where nvidia-smi is not there or names none. */
  gpus: GpuUsage[];
}

export interface GpuUsage {
  index: number;
  name: string;
  /** Of all programs together; absent where the card does not tell. */
  percent?: number;
  usedMb?: number;
  totalMb?: number;
}

/** As nvidia-smi is asked. */
export const GPU_QUERY = [
  '--query-gpu=index,name,utilization.gpu,memory.used,memory.total',
  '--format=csv,noheader,nounits',
];
const MAX_GPUS = 64;

/** What it answers: a line a card, `[N/A]` and the like where a card does not tell. */
export function gpusIn(text: string): GpuUsage[] {
  const known = (field = ''): number | undefined => (/^\d+(?:\.\d+)?$/u.test(field) ? Number(field) : undefined);
  return text
    .split('\n')
    .slice(0, MAX_GPUS)
    .flatMap((line) => {
      const fields = line.split(',').map((field) => field.trim());
      const [percent, usedMb, totalMb] = fields.slice(-3).map(known);
      const index = known(fields[0]);
      if (index === undefined || fields.length < 5) return [];
      return [
        {
          index,
          name: fields.slice(1, -3).join(', ').slice(0, 80),
          ...(percent === undefined ? {} : { percent }),
          ...(usedMb === undefined ? {} : { usedMb }),
          ...(totalMb === undefined ? {} : { totalMb }),
        },
      ];
    });
}

/** In one line, for model and people. */
export function usageLine({ cpuPercent, memoryBytes, processes, gpus }: Usage): string {
  const cards = gpus.map(({ index, name, percent, usedMb, totalMb }) => {
    const memory = usedMb === undefined ? '' : `, ${usedMb}${totalMb === undefined ? '' : ` of ${totalMb}`} MB`;
    return `GPU ${index} (${name}) ${percent === undefined ? 'tells no load' : `${percent} %`}${memory}`;
  });
  const own = `CPU ${Math.round(cpuPercent)} %, memory ${sizeOf(memoryBytes)} in ${processes} process${processes === 1 ? '' : 'es'}`;
  return `It uses ${[own, ...cards].join('; ')}.`;
}
