import type { JSX } from 'preact';

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Words of a model: text as it stands, with fenced code set apart. Nothing in it is a link or an image. */
export function Prose({ text }: { text: string }): JSX.Element {
  return (
    <div class="prose">
      {piecesOf(text).map(({ code, lines }) =>
        code ? <pre class="fenced">{lines.join('\n')}</pre> : <div class="plain">{lines.join('\n')}</div>,
      )}
    </div>
  );
}

interface Piece {
  code: boolean;
  lines: string[];
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [{ code: false, lines: [] }];
  let fence = '';
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1] ?? '';
    const ends = fence !== '' && mark.startsWith(fence) && line.trim() === mark;
    if (fence === '' && mark !== '') {
      fence = mark;
      pieces.push({ code: true, lines: [] });
    } else if (ends) {
      fence = '';
      pieces.push({ code: false, lines: [] });
    } else pieces.at(-1)?.lines.push(line);
  }
  return pieces.filter(({ code, lines }) => code || lines.some((line) => line.trim() !== ''));
}
