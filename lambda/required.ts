/** A setting of the function. @throws where its environment lacks it */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the function's environment lacks ${name}; \`pipewright apply\` writes it anew`);
  return value;
}
