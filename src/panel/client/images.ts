import type { Labels } from '../protocol';
import { IMAGE_TYPES, MAX_IMAGE_BYTES, MAX_IMAGES } from '../sections/composer';
import { fill } from './text';

interface Reading {
  /** So many more may be attached. */
  room: number;
  /** `data` is base64. */
  found: (name: string, data: string) => void;
  failed: (why: string) => void;
}

const MAX_NAME_CHARACTERS = 200;

/** Reads pasted or dropped images; others, too large ones and too many are named. The host looks at their bytes again. */
export function readImages(files: readonly File[], labels: Labels, { room, found, failed }: Reading): void {
  const images: File[] = [];
  for (const file of files) {
    const name = file.name.slice(0, MAX_NAME_CHARACTERS);
    if (!IMAGE_TYPES.some((type) => type === file.type)) failed(fill(labels.wrongType, name));
    else if (file.size > MAX_IMAGE_BYTES) failed(fill(labels.tooLarge, name));
    else images.push(file);
  }
  if (images.length > room) failed(fill(labels.tooMany, MAX_IMAGES, images.length - Math.max(0, room)));
  for (const file of images.slice(0, Math.max(0, room))) {
    const name = file.name.slice(0, MAX_NAME_CHARACTERS);
    const reader = new FileReader();
    reader.onload = () => {
      const address = typeof reader.result === 'string' ? reader.result : '';
      found(name, address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => failed(`${name}: ${String(reader.error?.message)}`);
    reader.readAsDataURL(file);
  }
}
