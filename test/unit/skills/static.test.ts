import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { loadScenarios, type Scenario } from '../../../scripts/skill-scenarios';
import { MAX_BUNDLED_BYTES } from '../../../src/library/skill-listing';
import { findSkills, skillListing } from '../../../src/library/skills';
import { python } from '../../support/python';
import {
  fieldsOf,
  likeness,
  partsOf,
  referencesOf,
  RULES,
  sharedRuns,
  TWENTY,
  wordsOf,
  type SkillFiles,
} from '../../support/skill-rules';

const PROJECT = resolve(__dirname, '../../..');
const SKILLS = join(PROJECT, 'skills');
const SCENARIOS = join(PROJECT, 'test', 'fixtures', 'scenarios');

/** What a template must ask for; a slot left out of it is left out of what is built. */
const REQUIRED_SLOTS: Readonly<Record<string, readonly string[]>> = {
  'brainstorming/assets/design-template.md': [
    'Decision served',
    'Target and its time',
    'Data at prediction time',
    'Baseline',
    'Metric and threshold',
    'Latency',
    'SLA',
    'Cost',
    'Label delay',
    'Failure cost',
    'Privacy',
    'Rollback',
  ],
  'writing-plans/assets/plan-template.md': [
    'Goal',
    'Latency',
    'SLA',
    'Cost',
    'Rollback',
    'Data version',
    'Files',
    'Interfaces',
    'Acceptance',
    'Budget',
  ],
};

/** Skills whose rule costs something to follow: each is tried under pressure. */
const UNDER_PRESSURE = [
  'test-driven-development',
  'condition-based-waiting',
  'testing-anti-patterns',
  'systematic-debugging',
  'root-cause-tracing',
  'verification-before-completion',
  'defense-in-depth',
  'brainstorming',
  'executing-plans',
  'requesting-code-review',
  'receiving-code-review',
  'finishing-a-development-branch',
  'subagent-driven-development',
  'writing-skills',
  'testing-skills-with-subagents',
  'using-superpowers',
];

const MAX_LIKENESS = 0.35;
/** Runs of so many words that stand in two skills were copied. */
const RUN_LENGTH = 8;

async function readSkillFolder(folder: string): Promise<SkillFiles> {
  const entries = await readdir(join(SKILLS, folder), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.map(async (path): Promise<[string, string]> => [
      relative(join(SKILLS, folder), path).replaceAll(sep, '/'),
      await readFile(path, 'utf8'),
    ]),
  );
  const others = new Map(texts.filter(([path]) => path !== 'SKILL.md').sort());
  return { folder, text: new Map(texts).get('SKILL.md') ?? '', others };
}

/** All the prose of a skill; slots of templates aside, since a plan carries on what its design said. */
function prose(skill: SkillFiles): string {
  const texts = [...skill.others].filter(([path]) => path.endsWith('.md')).map(([, text]) => text);
  return [partsOf(skill).body, ...texts].join('\n').replaceAll(/^- \*\*[^*]+:\*\* .*<.*$/gmu, '');
}

function pairs<T>(items: readonly T[]): Array<[T, T]> {
  return items.flatMap((one, at) => items.slice(at + 1).map((other): [T, T] => [one, other]));
}

describe('the skills', function () {
  this.timeout(60_000);
  let skills: SkillFiles[];
  let scenarios: Scenario[];
  before(async () => {
    const folders = (await readdir(SKILLS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    skills = await Promise.all(folders.map(({ name }) => readSkillFolder(name)).sort());
    scenarios = await loadScenarios(SCENARIOS);
  });

  it('are the twenty', () => {
    assert.deepEqual(skills.map(({ folder }) => folder).sort(), [...TWENTY].sort());
  });

  it('are valid to the reference reader of the format', async () => {
    const { validate } = await import('skills-ref');
    for (const { folder } of skills) assert.deepEqual(await validate(join(SKILLS, folder)), [], folder);
  });

  for (const [what, rule] of Object.entries(RULES))
    it(`each ${what}`, () => {
      const faults = skills.flatMap((skill) => rule(skill).map((fault) => `${skill.folder}: ${fault}`));
      assert.deepEqual(faults, []);
    });

  it('stand in the listing whole', async () => {
    const loaded = await findSkills([{ source: 'bundled', folder: SKILLS }]);
    const listing = skillListing(loaded).text;
    assert.ok(Buffer.byteLength(listing) <= MAX_BUNDLED_BYTES);
    for (const { name, description, problems } of loaded) {
      assert.deepEqual(problems, [], name);
      assert.ok(listing.includes(`- ${name}: ${description}`), `the description of ${name} was cut`);
    }
  });

  it('are told apart by their descriptions', () => {
    for (const [one, other] of pairs(skills)) {
      const alike = likeness(fieldsOf(one).get('description') ?? '', fieldsOf(other).get('description') ?? '');
      assert.ok(alike < MAX_LIKENESS, `${one.folder} and ${other.folder} are alike by ${alike.toFixed(2)}`);
    }
  });

  it('repeat no sentence of one another', () => {
    const repeated = pairs(skills).flatMap(([one, other]) =>
      sharedRuns(prose(one), prose(other), RUN_LENGTH).map((run) => `${one.folder}, ${other.folder}: ${run}`),
    );
    assert.deepEqual(repeated, []);
  });

  it('are each reached from another one', () => {
    const reached = new Set(skills.flatMap((skill) => [...referencesOf(skill).names]));
    // Nothing leads to the one that stands at the start of every session.
    const lonely = skills.filter(({ folder }) => folder !== 'using-superpowers' && !reached.has(folder));
    assert.deepEqual(
      lonely.map(({ folder }) => folder),
      [],
    );
  });

  it('offer systematic debugging where the same thing fails again, and no other skill', () => {
    const offered = skills.filter((skill) => fieldsOf(skill).get('metadata.triggers-on') === 'repeated-failure');
    assert.deepEqual(
      offered.map(({ folder }) => folder),
      ['systematic-debugging'],
    );
  });

  it('have templates with the slots that must be filled', () => {
    for (const [path, slots] of Object.entries(REQUIRED_SLOTS)) {
      const [folder = '', ...rest] = path.split('/');
      const skill = skills.find((each) => each.folder === folder);
      if (!skill) continue; // That a skill is missing is told above.
      const template = skill.others.get(rest.join('/')) ?? '';
      const missing = slots.filter((slot) => !new RegExp(`^- \\*\\*${slot}:\\*\\* .*<.+`, 'mu').test(template));
      assert.deepEqual(missing, [], `${path} has no slot for them`);
    }
  });

  it('ship no script that no test runs', async () => {
    const tests = await readdir(__dirname, { recursive: true });
    const sources = tests.filter((file) => /\.(?:ts|py)$/u.test(file) && basename(file) !== basename(__filename));
    const texts = (await Promise.all(sources.map((file) => readFile(join(__dirname, file), 'utf8')))).join('\n');
    const scripts = skills
      .flatMap(({ others }) => [...others.keys()])
      .filter((path) => /\.(?:py|sh|[mc]?[jt]s)$/u.test(path));
    const named = (path: string): boolean =>
      [basename(path), basename(path).replace(/\.\w+$/u, '')].some((name) =>
        new RegExp(`\\b${name}\\b`, 'u').test(texts),
      );
    assert.deepEqual(
      scripts.filter((path) => !named(path)),
      [],
    );
  });

  it('ship Python that compiles, without writing beside it', async () => {
    const files = skills.flatMap(({ folder, others }) =>
      [...others.keys()].filter((path) => path.endsWith('.py')).map((path) => join(folder, path)),
    );
    const compile = 'import sys\nfor path in sys.argv[1:]: compile(open(path, encoding="utf-8").read(), path, "exec")';
    const { code, stderr } = await python(['-W', 'error', '-c', compile, ...files], SKILLS);
    assert.equal(code, 0, stderr);
  });

  describe('under pressure', () => {
    it('have a scenario each where following them costs something', () => {
      const there = new Set(scenarios.map(({ skill }) => skill));
      const missing = UNDER_PRESSURE.filter((name) => !there.has(name) && skills.some(({ folder }) => folder === name));
      assert.deepEqual(missing, []);
    });

    it('have scenarios of skills that exist', () => {
      const strange = scenarios.filter(({ skill }) => !TWENTY.includes(skill)).map(({ skill }) => skill);
      assert.deepEqual(strange, []);
    });

    it('are not right by always taking the same letter, or the longest choice', () => {
      const share = (test: (scenario: Scenario) => boolean): number => scenarios.filter(test).length / scenarios.length;
      for (const letter of ['A', 'B', 'C'] as const) assert.ok(share(({ right }) => right === letter) <= 0.6, letter);
      const lengths = ({ choices }: Scenario): number[] => Object.values(choices).map(({ length }) => length);
      const longest = share((each) => each.choices[each.right].length === Math.max(...lengths(each)));
      assert.ok(longest <= 0.7, `the right choice is the longest in ${Math.round(longest * 100)} % of the scenarios`);
      for (const each of scenarios)
        assert.ok(
          Math.min(...lengths(each)) * 2 >= Math.max(...lengths(each)),
          `${each.skill}: a choice gives itself away`,
        );
    });

    it('are not quoted in their scenarios', () => {
      for (const scenario of scenarios) {
        const skill = skills.find(({ folder }) => folder === scenario.skill);
        const told = `${scenario.prompt}\n${Object.values(scenario.choices).join('\n')}`;
        assert.deepEqual(skill ? sharedRuns(prose(skill), told, RUN_LENGTH) : [], [], scenario.skill);
      }
    });
  });
});

describe('the rules on skills', () => {
  const excuse = '| It is quick | It is not, and here is why |\n';
  const filler = `${'word '.repeat(500)}\n`;
  const good: SkillFiles = {
    folder: 'condition-based-waiting',
    text:
      '---\nname: condition-based-waiting\ndescription: Use when tests wait.\nlicense: MIT\nmetadata:\n  category: Testing\n---\n\n' +
      `# Waiting\n\n**Principle: wait for it.**\n\n${filler}\n[it](scripts/wait.py)\n\n| Excuse | Reality |\n|---|---|\n${excuse.repeat(5)}` +
      '\n## Red flags\n\nNone.\n\n## Goes with\n\nRequired sub-skill: systematic-debugging.\n',
    others: new Map([['scripts/wait.py', '']]),
  };
  const faults = (skill: SkillFiles): string[] => Object.values(RULES).flatMap((rule) => rule(skill));

  it('find nothing in a good one', () => assert.deepEqual(faults(good), []));

  const changes: Array<[old: string, changed: string, fault: RegExp]> = [
    ['name: condition', 'name: conditions', /is not the folder's/u],
    ['license: MIT', 'license: MIT\nauthor: me', /the field author is not among/u],
    ['license: MIT\n', '', /the licence is not MIT/u],
    ['category: Testing', 'category: Meta', /the category Meta is not/u],
    ['category: Testing', 'category: [Testing]', /flow style/u],
    ['tests wait.', 'tests wait: long.', /holds a colon/u],
    ['Use when tests', 'Useful when tests', /does not begin with "Use when"/u],
    ['tests wait.', 'tests wait, then poll.', /tells a workflow: "then"/u],
    ['tests wait.', 'tests wait - 1. find 2. poll.', /tells a workflow/u],
    ['tests wait.', 'your tests wait.', /third person/u],
    ['tests wait.', `tests wait ${'long '.repeat(110)}.`, /has \d+ characters/u],
    ['**Principle: wait', '**Idea: wait', /no line with its principle/u],
    [excuse, '', /4 rows of Excuse/u],
    [excuse, '| It is quick | No. |\n', /an excuse without an argument/u],
    [filler, '', /words; 450 to 1200/u],
    ['## Red flags', '## Flags', /no heading "Red flags"/u],
    ['None.', 'Use the Read tool.', /names Read tool/u],
    ['None.', 'Ask Claude.', /names Claude/u],
    ['None.', '!`rm x`', /some hosts would run/u],
    ['(scripts/wait.py)', '(scripts/wiat.py)', /leads nowhere/u],
    ['[it](scripts/wait.py)', '', /not named in SKILL\.md/u],
    ['None.', 'See scripts/none.sh.', /scripts\/none\.sh is named and does not exist/u],
    ['systematic-debugging', 'systematic-debuging', /systematic-debuging is no skill; systematic-debugging is/u],
    ['sub-skill: systematic-debugging', 'sub-skill: debugging', /debugging is required and is no skill/u],
    ['Required sub-skill: systematic-debugging.', 'None.', /refers to no other skill/u],
  ];
  for (const [old, changed, fault] of changes)
    it(`find it when "${old.trim().slice(0, 40)}" becomes "${changed.trim().slice(0, 40)}"`, () => {
      assert.ok(good.text.includes(old));
      assert.match(faults({ ...good, text: good.text.replace(old, changed) }).join('\n'), fault);
    });

  it('see eight words in a row that two texts share, whatever marks stand between them', () => {
    const one = 'A b c, d e *f* g h i j';
    assert.deepEqual(sharedRuns(one, 'a b c d\ne f g h i j', 8), []);
    assert.deepEqual(sharedRuns(one, 'x a b c d e f g h', 8), ['a b c d e f g h']);
    assert.deepEqual(sharedRuns(one, 'a b c d e f g x h i j', 8), []);
    assert.deepEqual(wordsOf("It's [the text](x.md), 3rd"), ["it's", 'the', 'text', '3rd']);
  });

  it('take the same triggers in other order for alike, and other triggers for distinct', () => {
    assert.ok(likeness('Use when tests sleep', 'Use when sleep in tests') > MAX_LIKENESS);
    assert.ok(likeness('Use when tests sleep', 'Use before a claim that work is done') < MAX_LIKENESS);
  });
});
