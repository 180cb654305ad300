/** A path as people read it: relative where it lies in a folder. */
export function shownIn(folders: readonly string[], path: string): string {
  const folder = folders.find((one) => path.startsWith(`${one}/`) || path.startsWith(`${one}\\`));
  return folder === undefined ? path : path.slice(folder.length + 1);
}
