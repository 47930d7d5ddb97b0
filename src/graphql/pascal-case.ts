/** `RUN_RECORDED` → `RunRecorded`: how the names of types follow from codes. */
export function pascalCase(code: string): string {
  const words = code.split('_').map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`);
  return words.join('');
}
