import { loadLibrary, type Places } from '../library/library';
import { createTools } from '../tools/index';
import type { ListArguments } from './arguments';
import { printable, type Streams } from './output';

interface Row {
  name: string;
  description: string;
  source: string;
  path: string;
  problems: string[];
}

/** Prints the tools, skills or droids there are: a table, or with `json` an array of rows. Exit code 0. */
export async function listing({ list, json, cwd }: ListArguments, places: Places, { out }: Streams): Promise<number> {
  const rows = await rowsOf(list, cwd, places);
  if (json) out(`${JSON.stringify(rows, null, 2)}\n`);
  else for (const row of rows) out(`${printable(textOf(row))}\n`);
  return 0;
}

async function rowsOf(list: ListArguments['list'], cwd: string, places: Places): Promise<Row[]> {
  const library = await loadLibrary({ folders: [cwd], places, trusted: true });
  if (list === 'tools') {
    const { droids } = library;
    return createTools(library.skillSource, undefined, { droids, home: places.home }).map(({ name, description }) => ({
      name,
      description,
      source: 'bundled',
      path: '',
      problems: [],
    }));
  }
  return library[list].map(({ name, description, source, path, problems }) => {
    const waiting = library.shadows.filter(({ over, pending }) => pending && over.path === path);
    const notes = waiting.map(({ by }) => `${by.path} would replace it; it is not used without --trust-project`);
    return { name, description, source, path, problems: [...problems, ...notes] };
  });
}

function textOf({ name, description, source, problems }: Row): string {
  const marks = problems.map((problem) => `\n    ! ${problem}`).join('');
  return `${name} (${source})\n    ${description.replaceAll(/\s+/gu, ' ')}${marks}`;
}
