// The floor: the least that does the same work. Four tools, plain fetch, no dependency, no permissions, no journal.
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';

const run = (command) =>
  new Promise((resolve) =>
    execFile('bash', ['-c', command], (error, out, err) => resolve(`${out}${err}\nexit ${error?.code ?? 0}`)),
  );
const edit = async ({ file_path, old_str, new_str }) => {
  await writeFile(
    file_path,
    (await readFile(file_path, 'utf8')).replace(old_str, () => new_str),
  );
  return 'ok';
};
const TOOLS = {
  LS: ({ directory_path = '.' }) => readdir(directory_path).then((names) => names.join('\n')),
  Read: ({ file_path }) => readFile(file_path, 'utf8'),
  Edit: edit,
  Execute: ({ command }) => run(command),
  Grep: ({ pattern }) => run(`grep -rn '${pattern}' .`),
  Glob: () => run("find . -name '*.md'"),
  Create: ({ file_path, content }) =>
    run(`mkdir -p $(dirname ${file_path})`)
      .then(() => writeFile(file_path, content))
      .then(() => 'ok'),
  TodoWrite: async () => 'ok',
};
const tools = Object.keys(TOOLS).map((name) => ({ name, input_schema: { type: 'object' } }));
const messages = [{ role: 'user', content: process.argv[2] }];
for (;;) {
  const response = await fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
    method: 'POST',
    headers: {
      'x-api-key': process.env.ANTHROPIC_API_KEY,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 8000, system: 'You fix code.', tools, messages }),
  });
  const { content } = await response.json();
  messages.push({ role: 'assistant', content: content.map(({ citations: _, ...block }) => block) });
  const calls = content.filter(({ type }) => type === 'tool_use');
  if (calls.length === 0) break;
  const results = calls.map(async ({ id, name, input }) => ({
    type: 'tool_result',
    tool_use_id: id,
    content: await TOOLS[name](input),
  }));
  messages.push({ role: 'user', content: await Promise.all(results) });
}
console.log(messages.at(-1).content[0].text);
