import assert from 'node:assert/strict';
import { TerminalFilter } from '../../../src/text/terminal-filter';

const ESC = '\u001b';
const filter = (text: string): string => new TerminalFilter().write(text);

describe('the terminal mirror', () => {
  it('passes colours, erase-line, CR, LF and tab', () => {
    assert.equal(filter(`${ESC}[1;31mred${ESC}[0m\ta\r${ESC}[Kb\n`), `${ESC}[1;31mred${ESC}[0m\ta\r${ESC}[Kb\r\n`);
  });

  for (const [name, sequence] of [
    ['the clipboard', `${ESC}]52;c;ZXZpbA==\u0007`],
    ['links', `${ESC}]8;;http://evil\u0007`],
    ['faked commands', `${ESC}]633;A${ESC}\\`],
    ['titles', `${ESC}]0;title\u0007`],
    ['cursor moves', `${ESC}[2J${ESC}[1;1H`],
    ['reports', `${ESC}[6n`],
    ['a reset', `${ESC}c`],
    ['bells', '\u0007'],
    ['device control strings', `${ESC}P1$r0m${ESC}\\`],
  ] as const) {
    it(`drops ${name}`, () => assert.equal(filter(`a${sequence}b`), 'ab'));
  }

  it('drops a sequence however the stream is cut', () => {
    const text = `a${ESC}]52;c;ZXZpbA==\u0007b${ESC}[31mc${ESC}]0;t${ESC}\\d`;
    for (let cut = 0; cut <= text.length; cut++) {
      const mirror = new TerminalFilter();
      assert.equal(mirror.write(text.slice(0, cut)) + mirror.write(text.slice(cut)), `ab${ESC}[31mcd`, `cut at ${cut}`);
    }
  });
});
