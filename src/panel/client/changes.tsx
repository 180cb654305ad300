import type { JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelChanges, PanelFile } from '../sections/changes';
import type { Colouring } from './colouring';
import { Diff } from './diff';
import { isUndecided } from './file-tree';
import type { Memory } from './memory';
import { once } from './once';
import { Link, Section } from './parts';
import { fill } from './text';
import { FileTree } from './tree';

interface Props {
  labels: Labels;
  send: Send;
  memory: Memory;
  colouring: Colouring;
}

export function Changes({ changes, labels, send, memory, colouring }: Props & { changes: PanelChanges }): JSX.Element {
  const { files, moreFiles } = changes;
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
