import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import manifest, { contributes } from '../../package.json';
import texts from '../../package.nls.json';
import { COMMANDS } from '../../src/vscode/command-names';
import { findDroids } from '../../src/library/droids';
import { findSkills } from '../../src/library/skills';
import { agentFile, chatSkills, skillCommands } from '../../src/vscode/contributed-library';
import { languageModelTools } from '../../src/vscode/contributed-tools';

const PROJECT = resolve(__dirname, '..', '..');
const bundled = (folder: string) => [{ source: 'bundled' as const, folder: join(PROJECT, folder) }];

describe('the manifest', () => {
  it('contributes the commands there are, and no others', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), Object.values(COMMANDS).sort());
  });

  it('contributes the tools as the code has them', () => {
    assert.deepEqual(contributes.languageModelTools, JSON.parse(JSON.stringify(languageModelTools())));
  });

  it('offers other agents the whole engineer and no other tool, and asks by none that may be approved by itself', () => {
    const offered = contributes.languageModelTools.filter((tool) => 'canBeReferencedInPrompt' in tool);
    assert.deepEqual(
      offered.map(({ name, ...tool }) => [name, 'toolReferenceName' in tool && tool.toolReferenceName]),
      [['ml-engineer_ask', 'mlEngineer']],
    );
    assert.deepEqual(contributes.configurationDefaults['chat.tools.eligibleForAutoApproval'], {
      'ml-engineer.ml-engineer/mlEngineerConfirm': false,
    });
  });

  it('has every setting in scope application, where no repository can set it', () => {
    for (const [name, { scope }] of Object.entries(contributes.configuration.properties))
      assert.equal(scope, 'application', name);
  });

  it('runs where the files are, in no browser, and says of windows without a disk or without trust what is true', () => {
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.ok(!('browser' in manifest));
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('has a text for each key', () => {
    const keys = [...JSON.stringify(contributes).matchAll(/"%([\w.]+)%"/gu)].map(([, key]) => key ?? '');
    assert.ok(keys.length > 20);
    assert.deepEqual(
      keys.filter((key) => !(key in texts)),
      [],
    );
  });

  it('has each skill folder in the / menu and among the commands of the participant, as the files say', async () => {
    const skills = await findSkills(bundled('skills'));
    const folders = readdirSync(join(PROJECT, 'skills'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.equal(contributes.chatSkills.length, folders.length);
    assert.deepEqual(contributes.chatSkills, chatSkills(skills));
    assert.deepEqual(contributes.chatParticipants[0]?.commands, skillCommands(skills));
  });

  it('has the native agent as the droid is written', async () => {
    const droid = (await findDroids(bundled('droids'))).find(({ name }) => name === 'ml-engineer');
    assert.ok(droid && droid.prompt.length > 1_000);
    const [agent] = contributes.chatAgents;
    assert.equal(readFileSync(join(PROJECT, agent?.path ?? ''), 'utf8'), agentFile(droid));
  });

  it('has a file for each path that it names', () => {
    const paths = [...JSON.stringify(contributes).matchAll(/"((?:\.\/)?(?:media|skills|agents)\/[^"]+)"/gu)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(paths.length > 8);
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(PROJECT, path))),
      [],
    );
  });

  it('names only commands that there are, in menus, steps and their texts', () => {
    const menus = Object.values(contributes.menus).flat();
    const steps = contributes.walkthroughs.flatMap(({ steps }) => steps);
    const linked = [...JSON.stringify(texts).matchAll(/command:([\w.]+)/gu)].map(([, command]) => command);
    const events = steps.flatMap(({ completionEvents }) => completionEvents);
    const named = [
      ...menus.map(({ command }) => command),
      ...linked,
      ...events.filter((event) => event.startsWith('onCommand:')).map((event) => event.slice('onCommand:'.length)),
    ];
    const known: string[] = Object.values(COMMANDS);
    assert.ok(named.length > 20);
    assert.deepEqual(
      named.filter((command) => !known.includes(command ?? '')),
      [],
    );
  });

  it('offers no command in the palette that needs something to be clicked on', () => {
    const hidden = contributes.menus.commandPalette
      .filter(({ when }) => when === 'false')
      .map(({ command }) => command);
    for (const command of [
      COMMANDS.askSymbol,
      COMMANDS.askFiles,
      COMMANDS.askCell,
      COMMANDS.askTest,
      COMMANDS.fixProblem,
    ])
      assert.ok(hidden.includes(command), command);
  });

  it('keeps its pictures in the colours of the theme', () => {
    for (const file of readdirSync(join(PROJECT, 'media', 'walkthrough')).filter((name) => name.endsWith('.svg'))) {
      const picture = readFileSync(join(PROJECT, 'media', 'walkthrough', file), 'utf8');
      const colours = [...picture.matchAll(/(?:fill|stroke)="([^"]+)"/gu)].map(([, colour]) => colour ?? '');
      assert.ok(colours.length > 5);
      for (const colour of colours) assert.match(colour, /^(?:none|var\(--vscode-)/u, file);
      // The page that shows them lets no inline styles in: what has its colour from one is black.
      assert.doesNotMatch(picture, /style=|<style|<script|href=/u);
    }
  });
});
