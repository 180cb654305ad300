import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelChanges, PanelFile } from '../sections/changes';
import type { Colouring } from './colouring';
import { Diff } from './diff';
import { isUndecided } from './file-tree';
import type { Memory } from './memory';
import { once } from './once';
import { Link, Section, Spoken } from './parts';
import { fill } from './text';
import { FileTree } from './tree';

interface Props {
  labels: Labels;
  send: Send;
  memory: Memory;
  colouring: Colouring;
}

export function Changes(props: Props & { changes: PanelChanges }): JSX.Element {
  const { changes, labels, memory, colouring } = props;
  const { files, moreFiles } = changes;
  const { send, words } = useDecided(changes, labels, props.send);
  const count = files.length + moreFiles;
  const head = count > 0 && (
    <>
      <span class="badge">{count}</span>
      <span class="links">
        <Link text={labels.openAll} onClick={() => send({ type: 'openChanges' })} />
        {files.some(isUndecided) && <Link text={labels.acceptAll} onClick={() => send({ type: 'accept' })} />}
        {files.some(isUndecided) && <Link text={labels.rejectAll} onClick={() => send({ type: 'reject' })} />}
      </span>
    </>
  );
  return (
    <Section label={labels.changes} head={head}>
      <div role="status">{words !== '' && <Spoken text={words} />}</div>
      {files.length === 0 && <p class="quiet">{labels.noChanges}</p>}
      {files.length > 0 && (
        <FileTree
          files={files}
          labels={labels}
          memory={memory}
          send={send}
          body={(file) => <Body {...{ file, labels, send, colouring }} />}
        />
      )}
      {moreFiles > 0 && <p class="quiet">{fill(labels.moreFiles, moreFiles)}</p>}
    </Section>
  );
}

/** Says what a person decided once it is done, and what is left. What the agent changes meanwhile is not said. */
function useDecided(changes: PanelChanges, labels: Labels, send: Send): { send: Send; words: string } {
  const left = changes.files.reduce((sum, file) => sum + undecidedIn(file), 0);
  const before = useRef(left);
  const asked = useRef<'accept' | 'reject' | undefined>(undefined);
  const [words, setWords] = useState('');
  useLayoutEffect(() => {
    if (asked.current && left < before.current) {
      setWords(fill(asked.current === 'accept' ? labels.acceptedLeft : labels.rejectedLeft, left));
      asked.current = undefined;
    }
    before.current = left;
  }, [changes]);
  const decide = useCallback<Send>(
    (message) => {
      if (message.type === 'accept' || message.type === 'reject') {
        asked.current = message.type;
        // The same words twice are heard twice.
        setWords('');
      }
      send(message);
    },
    [send],
  );
  return { send: decide, words };
}

function undecidedIn(file: PanelFile): number {
  if (!isUndecided(file)) return 0;
  return file.diff.kind === 'none' ? 1 : file.diff.hunks.filter(({ open }) => open).length;
}

const Body = once(FileBody);

/** Drawn when it is unfolded: a thousand folded files cost a thousand lines, not a thousand diffs. */
function FileBody(props: Omit<Props, 'memory'> & { file: PanelFile }): JSX.Element {
  return (
    <>
      <Actions {...props} />
      <Diff {...props} />
    </>
  );
}

function Actions({ file, labels, send }: { file: PanelFile; labels: Labels; send: Send }): JSX.Element {
  const { path, shown, kind } = file;
  return (
    <div class="actions">
      <Link
        text={labels.openDiff}
        label={fill(labels.openDiffOf, shown)}
        onClick={() => send({ type: 'openDiff', path })}
      />
      {kind !== 'deleted' && (
        <Link
          text={labels.openFile}
          label={fill(labels.openFileOf, shown)}
          onClick={() => send({ type: 'openFile', path })}
        />
      )}
      {isUndecided(file) && (
        <>
          <Link
            text={labels.acceptAll}
            label={fill(labels.acceptFile, shown)}
            onClick={() => send({ type: 'accept', path })}
          />
          <Link
            text={labels.rejectAll}
            label={fill(labels.rejectFile, shown)}
            onClick={() => send({ type: 'reject', path })}
          />
        </>
      )}
    </div>
  );
}
