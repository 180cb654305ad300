import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelChanges, PanelFile } from '../sections/changes';
import { Diff } from './diff';
import type { Memory } from './memory';
import { once } from './once';
import { Glyph, Icon, Link, Section, Spoken } from './parts';
import { fill } from './text';

const KIND_GLYPHS = { created: 'A', deleted: 'D', modified: 'M' } as const;

interface Props {
  labels: Labels;
  send: Send;
  memory: Memory;
}

export function Changes({ changes, ...props }: Props & { changes: PanelChanges }): JSX.Element {
  const { labels, send } = props;
  const { files, moreFiles } = changes;
  const count = files.length + moreFiles;
  const head = count > 0 && (
    <>
      <span class="badge">{count}</span>
      <Link text={labels.openAll} onClick={() => send({ type: 'openChanges' })} />
      {files.some(isOpen) && <Link text={labels.acceptAll} onClick={() => send({ type: 'accept' })} />}
      {files.some(isOpen) && <Link text={labels.rejectAll} onClick={() => send({ type: 'reject' })} />}
    </>
  );
  return (
    <Section label={labels.changes} head={head}>
      {files.length === 0 && <p class="quiet">{labels.noChanges}</p>}
      <ul class="files" role="list" hidden={files.length === 0}>
        {files.map((file) => (
          <FileOnce key={file.path} file={file} {...props} />
        ))}
      </ul>
      {moreFiles > 0 && <p class="quiet">{fill(labels.moreFiles, moreFiles)}</p>}
    </Section>
  );
}

/** Something of it can be decided on. */
function isOpen({ reviewed, diff }: PanelFile): boolean {
  return !reviewed && (diff.kind === 'none' || diff.hunks.some(({ open }) => open));
}

const FileOnce = once(File);

/** Its diff is drawn when it is opened: a thousand closed files cost a thousand lines, not a thousand diffs. */
function File({ file, labels, send, memory }: Props & { file: PanelFile }): JSX.Element {
  const [open, setOpen] = useState(memory.isOpen(file.path));
  const id = `diff-${file.path}`;
  const toggle = (): void => {
    memory.setOpen(file.path, !open);
    setOpen(!open);
  };
  return (
    <li class="file">
      <button type="button" class="toggle" aria-controls={id} aria-expanded={open} title={file.shown} onClick={toggle}>
        <Glyph text="›" class="twistie" />
        <Name file={file} labels={labels} />
      </button>
      <div class="body" id={id} hidden={!open}>
        {open && <Actions file={file} labels={labels} send={send} />}
        {open && <Diff file={file} labels={labels} send={send} />}
      </div>
    </li>
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
      {isOpen(file) && (
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

function Name({ file, labels }: { file: PanelFile; labels: Labels }): JSX.Element {
  const { shown, kind, counts } = file;
  const cut = Math.max(shown.lastIndexOf('/'), shown.lastIndexOf('\\')) + 1;
  return (
    <>
      <span class="name">
        <span class="base">{shown.slice(cut)}</span>
        <span class="folder">{shown.slice(0, Math.max(0, cut - 1))}</span>
      </span>
      {counts && (
        <span class="counts">
          {counts.added > 0 && <Glyph text={`+${counts.added}`} class="plus" />}
          {counts.removed > 0 && <Glyph text={`−${counts.removed}`} class="minus" />}
          <Spoken text={fill(labels.counts, counts.added, counts.removed)} />
        </span>
      )}
      {file.reviewed && <Icon name="check" class="reviewed" />}
      {file.reviewed && <Spoken text={labels.reviewed} />}
      <span class={`kind ${kind}`}>
        <Glyph text={KIND_GLYPHS[kind]} class="" />
        <Spoken text={labels[kind]} />
      </span>
    </>
  );
}
