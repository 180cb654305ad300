import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Journey } from '../support/journey';

describe('text of a model that means harm', () => {
  let journey: Journey;
  let fetched = 0;
  const outside = createServer((_, response) => {
    fetched += 1;
    response.end('x');
  });
  afterEach(async function () {
    outside.close();
    await journey?.close(this.currentTest);
  });

  it('stays text: no link runs a command, no image is fetched, no title hides what runs', async () => {
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    const { port } = outside.address() as AddressInfo;
    const text = [
      '[run](command:workbench.action.terminal.new) [open](vscode://ms-python.python/x) [site](https://example.com/a)',
      `![pixel](http://127.0.0.1:${port}/pixel.png?secret=1) <img src="http://127.0.0.1:${port}/tag.png">`,
      '[ref]: command:workbench.action.quit',
      'Press [ref] now. <a href="command:workbench.action.quit">here</a>',
    ].join('\n\n');
    journey = await Journey.open([
      {
        content: [
          { type: 'text', text },
          {
            type: 'tool_use',
            name: 'Execute',
            input: { command: 'touch made.txt\u202e # ```\n**safe**', summary: '[Read](command:x) `a file`' },
          },
        ],
      },
      { content: [{ type: 'text', text: 'All done.' }] },
    ]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer hello');
    const question = await workbench.question('touch made.txt');
    assert.match(await question.innerText(), /U\+202E/u);
    assert.equal(await question.locator('strong').filter({ hasText: 'safe' }).count(), 0);
    const links = await workbench.answer.locator('a[data-href], a[href]').evaluateAll((nodes) =>
      nodes.flatMap((node) => {
        const { attributes } = node as unknown as { attributes: Iterable<{ name: string; value: string }> };
        return [...attributes].filter(({ name }) => /href/u.test(name)).map(({ value }) => value);
      }),
    );
    assert.deepEqual(
      links.filter((link) => /^(command|vscode)/u.test(link)),
      [],
    );
    assert.ok(links.includes('https://example.com/a'), links.join(' '));
    await workbench.decide('touch made.txt', 'Deny');
    await workbench.waitForChatText(/All done\./u);
    assert.equal(fetched, 0);
  });
});
