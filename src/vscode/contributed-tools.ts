import { toolSchema } from '../agent/tool';
import { createTools } from '../tools/index';

/** Every tool there is, without the skills of any place: their names, descriptions and inputs are the same everywhere. */
const tools = createTools({ names: [], read: () => Promise.resolve(undefined) });

/** The name under which VS Code knows a tool of ours. */
export function stepName(tool: string): string {
  return `ml-engineer_${tool.toLowerCase()}`;
}

/** What package.json contributes as language model tools (written by scripts/manifest.mjs): one a tool of ours, and the one that asks. */
export function languageModelTools(): object[] {
  const steps = tools.map((tool) => {
    const { name, description, input_schema } = toolSchema(tool);
    return { name: stepName(name), displayName: name, modelDescription: description, inputSchema: input_schema };
  });
  return [
    ...steps,
    {
      name: 'ml-engineer_confirm',
      toolReferenceName: 'mlEngineerConfirm',
      displayName: '%tool.confirm%',
      modelDescription: '%tool.confirm.description%',
      inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
    },
  ];
}
