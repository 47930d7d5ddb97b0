import { randomIds } from '../adapters/system/ids.ts';
import { decodedText, NotTextError } from '../governance/decoded-text.ts';

/** The text of a file's bytes, or what keeps them from being one, as the rest of a sentence. */
export function readText(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: decodedText(bytes) };
  } catch (error) {
    if (error instanceof NotTextError) return { problem: error.message };
    throw error;
  }
}

/** A new random id. */
export function newId(): string {
  return randomIds.next();
}
