import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MAX_ADDRESS_CHARACTERS, MAX_DROPPED } from '../sections/composer';

/** What the editor's own Explorer and tabs put into a drag: addresses, a line each. */
const ADDRESSES = 'application/vnd.code.uri-list';

interface Dropped {
  /** From outside of the editor. */
  files(files: readonly File[]): void;
  /** Of what is dragged inside the editor. */
  addresses(uris: string[]): void;
}

/** Takes what is dropped anywhere on the page. True while something that can be dropped is above it. */
export function useDrops(dropped: Dropped): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(dropped);
  latest.current = dropped;
  useLayoutEffect(() => {
    const enter = (event: DragEvent): void => {
      if (!isTaken(event)) return;
      event.preventDefault();
      // VS Code hears of a drag at the window, and takes it away from the page unless Shift is held.
      event.stopPropagation();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (!isTaken(event)) return;
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) latest.current.files(files);
      else latest.current.addresses(addressesIn(event.dataTransfer?.getData(ADDRESSES) ?? ''));
    };
    document.addEventListener('dragenter', enter);
    document.addEventListener('dragover', enter);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragenter', enter);
      document.removeEventListener('dragover', enter);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}

/** A text that is dragged stays the browser's own affair. */
function isTaken({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.some((type) => type === 'Files' || type === ADDRESSES) ?? false;
}

function addressesIn(list: string): string[] {
  const lines = list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  return lines.filter((line) => line.length <= MAX_ADDRESS_CHARACTERS).slice(0, MAX_DROPPED);
}
