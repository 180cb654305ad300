import type { ToolContext } from '../agent/tool';

/** Keeps the whole of a long text and says where. On a full disk the work is done all the same: then it says that. */
export async function whereKept<Host>(context: ToolContext<Host>, name: string, text: string): Promise<string> {
  try {
    return `all of it is in ${await context.keep(name, text)}`;
  } catch (error) {
    return `the whole could not be kept: ${error instanceof Error ? error.message : String(error)}`;
  }
}
