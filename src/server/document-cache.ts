import { _createLRUCache } from 'graphql-yoga';

/** Longer documents are parsed each time: what callers send must not fill the memory. */
const LONGEST = 8_192;
const MOST = 500;

/** Keeps what the last documents came to; a document of a megabyte of comments is not worth keeping. */
export function documentCache<T extends object>() {
  const kept = _createLRUCache<T>({ max: MOST });
  return {
    get: (document: string): T | undefined => kept.get(document),
    set: (document: string, value: T): void => {
      if (document.length <= LONGEST) kept.set(document, value);
    },
  };
}
