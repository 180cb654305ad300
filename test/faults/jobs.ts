import type { FaultRow } from './row';

const JOBS = 'Jobs';

/** Injected in a unit test or a real workbench: the title of the test begins with the id. */
export const JOB_FAULTS: readonly FaultRow[] = [
  {
    id: 'job-starter-killed',
    part: JOBS,
    fails: 'Who started a job is killed with SIGKILL while it runs',
    happens: 'The job runs on. Its supervisor records its exit, and whoever looks next finds it.',
    sees: 'The job, in the list.',
    kept: 'All of its log, and its exit.',
  },
  {
    id: 'job-handed-over-killed',
    part: JOBS,
    fails: 'Who handed a command over to a job is killed with SIGKILL',
    happens: 'The command runs on, its output by a process of its own.',
    sees: 'The job, in the list.',
    kept: 'All of its log, and its exit.',
  },
  {
    id: 'job-supervisor-killed',
    part: JOBS,
    fails: 'The supervisor is killed with all of its group',
    happens: 'The job has ended.',
    sees: '“its supervisor was killed before it could record the exit”',
    kept: 'Its log.',
  },
  {
    id: 'job-supervisor-alone',
    part: JOBS,
    fails: 'The supervisor alone is killed',
    happens: 'The job is lost while its command runs, and can be stopped.',
    sees: '“its exit will not be known”',
    kept: 'Its log.',
  },
  {
    id: 'job-pid-reused',
    part: JOBS,
    fails: 'Another process has the number of a job that is gone',
    happens: 'It is told apart by when it started: the job has ended, and a stop ends nothing.',
    sees: '“ended, how is not known”',
    kept: 'Its log.',
  },
  {
    id: 'job-reboot',
    part: JOBS,
    fails: 'The machine is started anew while a job runs',
    happens: 'The job has ended.',
    sees: '“the machine was started anew while it ran”',
    kept: 'Its log.',
  },
  {
    id: 'job-torn',
    part: JOBS,
    fails: 'The file of a job is torn',
    happens: 'The job is named as one that cannot be read; the others are there.',
    sees: '“it is torn or was changed”',
    kept: 'Its log.',
  },
  {
    id: 'job-full',
    part: JOBS,
    fails: 'The disk is full when a job is to start',
    happens: 'It does not begin, and leaves no folder behind.',
    sees: '“The job was not started: its folder … could not be written: the disk is full. Free space there”',
    kept: 'Nothing was begun.',
  },
  {
    id: 'job-fills',
    part: JOBS,
    fails: 'The disk fills up while a job runs',
    happens:
      'Its program meets the full disk. Its exit is recorded all the same: the room for it was taken at the start.',
    sees: 'What the program says, and its exit.',
    kept: 'Its log up to there, and its exit.',
  },
  {
    id: 'job-hand-over-fails',
    part: JOBS,
    fails: 'A command outlives its limit, and no job can be made of it',
    happens: 'It goes on in the background, and ends with the editor.',
    sees: '“Goes on in the background as %1”',
    kept: 'The command.',
  },
];
