/**
 * Tools of VS Code 1.139 and of Copilot, by name, that are never offered to the agent: ways round our own tools and their
 * permissions, or of no use outside the agent they were made for. What is not named here is offered once a person chose it.
 */
const NEVER_OFFERED: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'ours, by the name VS Code knows them by': [/^ml-engineer_/u],
  'files, searches, edits, questions and commands of VS Code and Copilot': [
    /^copilot_/u,
    /^vscode_/u,
    /^github\.copilot/u,
  ],
  'run commands or code': [
    ...['run_in_terminal', 'send_to_terminal', 'get_terminal_output', 'kill_terminal'],
    ...['create_and_run_task', 'run_task', 'get_task_output', 'runTests', 'run_playwright_code'],
    /pylanceRunCodeSnippet$/u,
  ],
  'edit or make files': ['setup_tools_createNewWorkspace', 'create_file', 'apply_patch', 'insert_edit_into_file'],
  'fetch pages': ['fetch_webpage', 'open_browser_page', 'navigate_page'],
  'start agents': ['runSubagent', 'execution_subagent', 'search_subagent', 'switch_agent'],
  'keep another agent going': ['manage_todo_list', 'task_complete', 'inline_chat_exit'],
};

/** Why a tool of this name is never offered; `undefined` where a person may choose it. */
export function neverOffered(name: string): string | undefined {
  const fits = (one: string | RegExp): boolean => (typeof one === 'string' ? one === name : one.test(name));
  return Object.entries(NEVER_OFFERED).find(([, names]) => names.some(fits))?.[0];
}
