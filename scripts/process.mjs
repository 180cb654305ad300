// Running programs from our scripts: output shown as it comes, a failure ends the script.
import { spawn } from 'node:child_process';

/** Runs a program to its end, with the terminal as its own; resolves to the exit code. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** As `run`, but anything else than exit code 0 throws. */
export async function must(program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with exit code ${code}.`);
}

/** True when a program is found on PATH. */
export function has(program) {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/**
 * The environment without what an editor, a test run or the npm above us has set: a child editor must not inherit it, and
 * an install script that asks npm for the version of Node would be told that of the outer one.
 */
export function cleanEnvironment(extra = {}) {
  const dropped =
    /^(?:VSCODE_|ELECTRON_|ANTHROPIC_|NODE_OPTIONS$|GIT_ASKPASS$|ML_ENGINEER_EDITOR|npm_config_user_agent$|npm_node_execpath$)/u;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name))), ...extra };
}
