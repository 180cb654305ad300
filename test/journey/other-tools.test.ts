import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey, PROJECT } from '../support/journey';

const asks = (name: string, input: object): ScriptedTurn => ({
  content: [{ type: 'tool_use', name, input: { ...input } }],
});
const OWNER = 'acme_feature_owner';
const STAGE = 'mcp_acme-registry_model_stage';
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

describe('a tool of another extension', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is picked from a list by source, asked for by tool and source, allowed for the session, and its answer used', async () => {
    const turns = [
      says('Hello.'),
      asks(OWNER, { feature: 'tenure' }),
      asks(OWNER, { feature: 'age' }),
      asks(STAGE, { model: 'churn' }),
      says('Team Ranking owns both.'),
    ];
    const fixture = join(PROJECT, 'test', 'fixtures', 'extensions', 'other-tools');
    journey = await Journey.open(turns, {}, undefined, [fixture]);
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello\./u);
    const toolsOf = (index: number): string[] =>
      (server.requests[index]?.body.tools ?? []).flatMap((tool) => ('name' in tool ? [tool.name] : []));
    assert.ok(!toolsOf(0).includes(OWNER));

    await workbench.runCommand('ML Engineer: Choose Other Tools...');
    const list = workbench.page.locator('.quick-input-widget');
    await list.filter({ hasText: "Acme's Tools (acme.other-tools)" }).waitFor();
    assert.match(await list.innerText(), /Says which team owns a feature/u);
    assert.doesNotMatch(await list.innerText(), /run_in_terminal|runSubagent/u);
    await workbench.screenshot(join(PROJECT, 'dist', 'other-tools-list.png'));
    // Its server was started by the editor with the first message.
    for (const name of [OWNER, STAGE]) await list.locator('.monaco-list-row').filter({ hasText: name }).click();
    await list.getByRole('button', { name: 'OK' }).click();
    await workbench.notification(/2 tools of others/u);

    await workbench.runCommand('ML Engineer: New Session');
    await workbench.page.getByText('Build with Agent').waitFor();
    await workbench.sendChat('@ml-engineer who owns tenure and age?');
    const question = await workbench.question("Use acme_feature_owner of Acme's Tools (acme.other-tools)");
    assert.match(await question.innerText(), /"feature":\s"tenure"[^]*Says\swhich\steam\sowns/u);
    assert.match(await question.innerText(), /makes the rule acme_feature_owner\(acme\.other-tools@[0-9a-f]{12}\)/u);
    await workbench.screenshot(join(PROJECT, 'dist', 'other-tools-asked.png'));
    await workbench.decide('Use acme_feature_owner', 'Allow in This Session');
    // The second call is covered by the rule and asks nothing.
    await workbench.decide(`Use ${STAGE}`);
    await workbench.screenshot(join(PROJECT, 'dist', 'other-tools-server.png'));
    await workbench.waitForChatText(/Team Ranking owns both\./u);
    assert.ok(toolsOf(1).includes(OWNER));
    assert.match(
      journey.lastMessages,
      /tenure belongs to team Ranking[^]*age belongs to team Ranking[^]*churn is in staging/u,
    );
    assert.doesNotMatch(journey.lastMessages, /sk-ant-api03/u);
    await workbench.screenshot(join(PROJECT, 'dist', 'other-tools-done.png'));
  });
});
