import * as z from 'zod';
import { toolSchema } from '../agent/tool';
import { createTools } from '../tools/index';

/** Every tool there is, without the skills of any place: their names, descriptions and inputs are the same everywhere. */
const tools = createTools({ names: [], read: () => Promise.resolve(undefined) });

/** The name under which VS Code knows a tool of ours. */
export function stepName(tool: string): string {
  return `ml-engineer_${tool.toLowerCase()}`;
}

/** The tool by which the editor's other agents hand over a whole question. */
export const ENGINEER_TOOL = 'ml-engineer_ask';

export const engineerInput = z.object({
  question: z.string().trim().min(1).max(50_000).describe('The whole question or task'),
  context: z.string().max(200_000).optional().describe('What must be known to answer it: errors, code, decisions'),
});

const { $schema: _, ...engineerSchema } = z.toJSONSchema(engineerInput, { io: 'input' });

/** What package.json contributes as language model tools (written by scripts/manifest.mjs): one a tool of ours, and the one that asks. */
export function languageModelTools(): object[] {
  const steps = tools.map((tool) => {
    const { name, description, input_schema } = toolSchema(tool);
    return { name: stepName(name), displayName: name, modelDescription: description, inputSchema: input_schema };
  });
  return [
    ...steps,
    {
      name: ENGINEER_TOOL,
      toolReferenceName: 'mlEngineer',
      // The only one that other agents are offered: they have files, searches and a shell of their own.
      canBeReferencedInPrompt: true,
      icon: '$(beaker)',
      displayName: '%tool.engineer%',
      userDescription: '%tool.engineer.user%',
      modelDescription:
        'Hands a whole question or task about machine learning (training, data, evaluation, experiments, serving) to ML Engineer, an agent that works on it in this workspace with tools, permissions and limits of its own. Returns its final answer and the files it changed. It knows nothing of this conversation: put all it needs into question and context.',
      inputSchema: engineerSchema,
    },
    {
      name: 'ml-engineer_confirm',
      toolReferenceName: 'mlEngineerConfirm',
      displayName: '%tool.confirm%',
      modelDescription: '%tool.confirm.description%',
      inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
    },
  ];
}
