import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

/** Each code file that was loaded here, for the build, which keeps what V8 compiled of them. */
export const scripts = new Map<string, Script>();

/**
 * Runs a bundle as a module and gives what it exports. Beside `x.js` may lie `x.v8`, what V8 made of it when it was built: parsing
 * and compiling a megabyte takes half of a start. Another V8 (another Node, an editor) refuses that file by itself and
 * compiles the code anew. Throws what reading or running the code throws.
 */
export function load(file: string): unknown {
  const script = new Script(wrap(readFileSync(file, 'utf8')), {
    filename: file,
    cachedData: kept(file),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  scripts.set(file, script);
  const module = { exports: {} };
  const run = script.runInThisContext() as (...parts: unknown[]) => void;
  run.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** Synchronous as `require` is: it stands in for it. */
function kept(file: string): Buffer | undefined {
  try {
    return readFileSync(file.replace(/\.js$/u, '.v8'));
  } catch {
    return undefined;
  }
}
