// Preloaded into a run of dist/cli.js by scripts/keep-compiled.mjs.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

process.once('exit', () => {
  const { scripts } = require(join(process.argv[1], '..', 'compiled.js'));
  for (const [file, script] of scripts) writeFileSync(file.replace(/\.js$/, '.v8'), script.createCachedData());
});
