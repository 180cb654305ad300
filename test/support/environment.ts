/**
 * Sets variables until what it returns is called. Never puts another object in the place of `process.env`: what asks the
 * system, as `homedir()` does, would not see what later tests set in it.
 */
export function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
