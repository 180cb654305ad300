import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeUrl, refuseAddress } from '../../../src/web/address';

const rows = JSON.parse(readFileSync(join(__dirname, '../../fixtures/addresses.json'), 'utf8')) as {
  url: string;
  allowed: boolean;
}[];

describe('what may be fetched', () => {
  it('has a table of at least 80 URLs', () => assert.ok(rows.length >= 80, String(rows.length)));

  for (const { url, allowed } of rows) {
    it(`${url} is ${allowed ? 'allowed' : 'refused'}`, () => {
      const judged = judgeUrl(url);
      assert.equal('url' in judged, allowed, JSON.stringify(judged));
      if ('refused' in judged) assert.notEqual(judged.refused, '');
    });
  }

  it('refuses an address that a name resolved to, with its zone too', () => {
    for (const address of ['127.0.0.1', '::1', 'fe80::1%eth0', '::ffff:169.254.169.254', '10.1.2.3', 'nonsense', ''])
      assert.notEqual(refuseAddress(address), undefined, address);
    for (const address of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
      assert.equal(refuseAddress(address), undefined, address);
  });

  it('refuses a URL that is as long as a way out for data', () => {
    assert.ok('refused' in judgeUrl(`https://example.com/?q=${'x'.repeat(3_000)}`));
  });
});
