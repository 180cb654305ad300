import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holdsMask, maskedNote, maskSecrets, secretsInEnvFile } from '../../../src/text/secrets';

// Put together here, so that no scanner takes this file for a leak.
const letters = (count: number): string => 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(9).slice(0, count);
const hex = (count: number): string => '0123456789abcdef'.repeat(9).slice(0, count);

const SECRETS: readonly [kind: string, before: string, secret: string, after: string][] = [
  ['Anthropic key', 'key = "', `sk-ant-api03-${letters(90)}`, '"'],
  ['OpenAI key', 'OpenAI(api_key="', `sk-proj-${letters(60)}`, '")'],
  ['OpenAI key', 'openai: ', `sk-${letters(48)}`, '\n'],
  ['Hugging Face token', 'login(token="', `hf_${letters(34)}`, '")'],
  ['W&B key', 'machine api.wandb.ai login user password ', hex(40), ''],
  ['W&B key', 'export WANDB_API_KEY=', hex(40), ''],
  ['Kaggle key', '{"username":"me","key":"', hex(32), '"}'],
  ['AWS key id', 'aws_access_key_id = ', `AKIA${'IOSFODNN7ABCDEFG'.replace('7', 'Q').slice(0, 16)}`, ''],
  ['AWS secret key', 'aws_secret_access_key = ', `wJalr/${letters(34)}`, ''],
  ['Google API key', 'url?key=', `AIza${letters(35)}`, '&x'],
  ['GitHub token', 'git clone https://', `ghp_${letters(36)}`, '@github.com/a/b'],
  ['GitHub token', 'token: ', `github_pat_${letters(60)}`, ''],
  ['GitLab token', '', `glpat-${letters(20)}`, ''],
  ['Slack token', '', `xoxb-${letters(24)}`, ''],
  ['package registry token', '//registry/:_authToken=', `npm_${letters(36)}`, ''],
  ['signed token', 'cookie ', `eyJ${letters(20)}.eyJ${letters(30)}.${letters(43)}`, ''],
  ['password in a URL', 'postgres://me:', 'hunter2hunter2', '@db.example.org/x'],
  ['authorization header', 'curl -H "Authorization: Bearer ', letters(40), '" x'],
  ['secret variable', 'PATH=/bin\nMY_DB_PASSWORD=', 'correct-horse-battery', '\nHOME=/root'],
  ['private key', '-----BEGIN RSA PRIVATE KEY-----', `\n${letters(200)}\n`, '-----END RSA PRIVATE KEY-----'],
  ['private key', '"-----BEGIN PRIVATE KEY-----', `\\n${letters(200)}`, ''],
];

describe('secrets', () => {
  for (const [kind, before, secret, after] of SECRETS) {
    it(`masks a ${kind} and nothing around it: ${before.trim().slice(0, 30)}`, () => {
      const { text, found } = maskSecrets(before + secret + after);
      assert.ok(!text.includes(secret.trim()), text);
      assert.deepEqual([...found], [[kind, 1]]);
      assert.ok(text.startsWith(before) && text.endsWith(after), text);
      assert.ok(holdsMask(text));
    });
  }

  it('leaves code, paths, hashes and placeholders as they are', () => {
    const texts = [
      'API_KEY = os.environ["API_KEY"]',
      'OPENAI_API_KEY=your-key-here',
      'export HF_TOKEN=$HF_TOKEN',
      'HF_TOKEN=<your token>',
      'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")',
      'TOKENIZERS_PARALLELISM=false',
      `commit ${hex(40)}`,
      `sha256 ${hex(64)}`,
      'https://example.org:8080/a@b',
      'git@github.com:owner/name.git',
      'max_new_tokens=256, pad_token_id=50256',
      'risk-assessment-of-the-new-model-and-its-consequences-for-all',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      'AKIAIOSFODNN7EXAMPLE',
    ];
    for (const text of texts) assert.deepEqual(maskSecrets(text), { text, found: new Map() }, text);
  });

  it('masks known values wherever they stand, and says how many of which kind there were', () => {
    const { text, found } = maskSecrets(`a=swordfish99 b=swordfish99 sk-ant-api03-${letters(40)}`, ['swordfish99']);
    assert.equal(text, 'a=[[masked-known-secret]] b=[[masked-known-secret]] [[masked-anthropic-key]]');
    assert.equal(maskedNote(found), '3 secrets masked (known secret, Anthropic key)');
    assert.equal(maskedNote(new Map()), undefined);
  });

  it('takes from a .env file what is secret, and no path, flag or placeholder', () => {
    const file = [
      '# comment',
      'DATA_DIR=/mnt/data/churn/2026',
      'DEBUG=true',
      'export api_token="abcd efgh ijkl"',
      `SOMETHING=${letters(30)}`,
      'DB_PASSWORD=pa55word!now # the old one',
      'KEY=',
      'OPENAI_API_KEY=changeme',
    ].join('\r\n');
    assert.deepEqual(secretsInEnvFile(file), [letters(30), 'abcd efgh ijkl', 'pa55word!now']);
  });

  it('masks what was masked no second time, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...SECRETS), (noise, [, before, secret, after]) => {
        const once = maskSecrets(`${noise}\n${before}${secret}${after}`).text;
        assert.ok(!once.includes(secret.trim()));
        assert.equal(maskSecrets(once).text, once);
      }),
    );
  });

  it('takes time in proportion to the text, whatever stands in it', () => {
    for (const unit of [
      'a:',
      'sk-',
      'AA_TOKEN=',
      '-----BEGIN PRIVATE KEY-----',
      'http://a:',
      'eyJa.',
      '"username":"',
    ]) {
      const began = performance.now();
      maskSecrets(unit.repeat(2_000_000 / unit.length));
      // Far above what it takes (tens of ms), far below what a pattern that goes back takes (minutes).
      assert.ok(performance.now() - began < 5_000, unit);
    }
  });
});
