// Rows of npm run bench: the panel's changed files in a real browser, against building as many bare rows.
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PanelChanges, PanelFile } from '../src/panel/sections/changes';
import { freshPage, median, printRow, take, timed } from './bench-panel';

const FILES = 1_000;
const RUNS = 15;
/** Of the time that bare rows take. */
const GOAL = 3;

function fileOf(index: number, word: string): PanelFile {
  const shown = `src/part${index % 50}/module_${index}.py`;
  return {
    ...{ path: `/w/${shown}`, shown, kind: 'modified', reviewed: false, version: `${index} ${word}` },
    counts: { added: 1, removed: 1 },
    diff: {
      kind: 'text',
      moreRows: 0,
      hunks: [
        {
          header: '@@ -10,7 +10,7 @@',
          rows: [
            { sign: ' ', line: 10, text: 'def score(self, rows):', cut: false },
            { sign: '-', line: 11, text: `    return self.model_${index}.predict(rows)`, cut: false },
            { sign: '+', line: 11, text: `    return self.model_${index}.${word}(rows)`, cut: false },
            { sign: ' ', line: 12, text: '', cut: false },
          ],
          open: { id: `h${index}`, mixed: false, made: [`Edit ${shown}`], todo: 'Score by probability' },
        },
      ],
    },
  };
}

function changesOf(word: string): { type: 'state'; state: { changes: PanelChanges } } {
  const files = Array.from({ length: FILES }, (_, index) => fileOf(index, index === 0 ? word : 'predict_proba'));
  return { type: 'state', state: { changes: { files, moreFiles: 0 } } };
}

/** As it comes from the host: all objects are new ones. */
const takeText = (name: string): string => take(`JSON.parse(window.${name})`);

const BARE = `
  const bare = document.querySelector('#bare');
  for (const { shown } of JSON.parse(window.first).state.changes.files) {
    const line = document.createElement('div');
    line.textContent = shown;
    bare.append(line);
  }`;

interface Sample {
  open: number;
  redraw: number;
  bare: number;
}

async function sample(page: Page): Promise<Sample> {
  const open = await timed(page, takeText('first'));
  const line = page.locator('.file > .toggle').first();
  await line.click();
  await page.locator('.open-hunk').waitFor();
  const redraw = await timed(page, takeText('second'));
  if ((await page.locator('.row.added').textContent())?.includes('decide') !== true) throw new Error('not redrawn');
  await page.evaluate(`document.body.innerHTML = '<div id="bare" style="height: 540px; overflow: auto"></div>'`);
  return { open, redraw, bare: await timed(page, BARE) };
}

/** Prints the rows; gives false when a limit is broken. */
export async function benchChanges(): Promise<boolean> {
  const { launchBrowser } = (await import(join(resolve(__dirname, '..'), 'scripts', 'editor-server.mjs'))) as {
    launchBrowser: () => Promise<Browser>;
  };
  const browser = await launchBrowser();
  try {
    const samples: Sample[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const page = await freshPage(browser);
      await page.evaluate(
        `[window.first, window.second] = ${JSON.stringify(['predict_proba', 'decide'].map((word) => JSON.stringify(changesOf(word))))}`,
      );
      const one = await sample(page);
      await page.close();
      if (run > 0) samples.push(one);
    }
    const of = (what: keyof Sample): number => median(samples.map((one) => one[what]));
    const ms = (what: keyof Sample): string => `${of(what).toFixed(1).padStart(6)} ms`;
    const ratio = (what: 'open' | 'redraw'): number => median(samples.map((one) => one[what] / one.bare));
    const told = (what: 'open' | 'redraw'): string =>
      `ours ${ms(what)}  bare rows ${ms('bare')}  ratio ${ratio(what).toFixed(2)}`;
    const isKept = ratio('redraw') <= GOAL;
    console.log(`\n${FILES.toLocaleString('en')} changed files in the panel, medians of ${RUNS} after one warm-up.`);
    printRow('First drawing', told('open'));
    printRow('Redraw of one changed hunk', `${told('redraw')}  goal ${GOAL.toFixed(2)}`, isKept);
    return isKept;
  } finally {
    await browser.close();
  }
}

if (require.main === module) void benchChanges().then((isKept) => (process.exitCode = isKept ? 0 : 1));
