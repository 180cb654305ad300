import { execFile } from 'node:child_process';
import { ToolError } from '../agent/tool';

/** A controller that is down is tried again by these programs for some seconds. */
const ASK_MS = 60_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_SAID = 300;

/** A program of a queue said no, or said nothing in time. */
export class Refusal extends ToolError {
  constructor(
    message: string,
    /** Its own words. */
    readonly text: string,
  ) {
    super(message);
  }
}

/** What a program prints. Throws Refusal where there is none of that name, or it fails. `what`: its name for people. */
export async function ask(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  what: string,
  input = '',
): Promise<string> {
  const options = { env: { ...env }, timeout: ASK_MS, maxBuffer: MAX_BYTES, windowsHide: true } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const text =
        error.code === 'ENOENT'
          ? `there is no ${program} on PATH here`
          : (stderr.trim() || stdout.trim() || error.message).replaceAll(/\s+/gu, ' ').slice(-MAX_SAID);
      reject(new Refusal(`${what} did not do it: ${text}.`, text));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}
