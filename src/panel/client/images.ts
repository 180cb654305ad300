import type { Labels } from '../protocol';
import { IMAGE_TYPES, MAX_IMAGE_BYTES } from '../sections/composer';
import { fill } from './text';

interface Reading {
  /** `data` is base64. */
  found: (name: string, data: string) => void;
  failed: (why: string) => void;
}

const MAX_NAME_CHARACTERS = 200;

/** Reads pasted or dropped images; others, and too large ones, are named. The host looks at their bytes again. */
export function readImages(files: readonly File[], labels: Labels, { found, failed }: Reading): void {
  for (const file of files) {
    const name = file.name.slice(0, MAX_NAME_CHARACTERS);
    if (!IMAGE_TYPES.some((type) => type === file.type)) failed(fill(labels.wrongType, name));
    else if (file.size > MAX_IMAGE_BYTES) failed(fill(labels.tooLarge, name));
    else {
      const reader = new FileReader();
      reader.onload = () => {
        const address = typeof reader.result === 'string' ? reader.result : '';
        found(name, address.slice(address.indexOf(',') + 1));
      };
      reader.onerror = () => failed(`${name}: ${String(reader.error?.message)}`);
      reader.readAsDataURL(file);
    }
  }
}
