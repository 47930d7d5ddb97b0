import { isUtf8 } from 'node:buffer';
import type { Plugin } from 'graphql-yoga';
import { wireError } from './wire-codes.ts';

const FORM = 'application/x-www-form-urlencoded';

/**
 * Refuses a request whose bytes are no UTF-8, in its body or its target, before anything is done. Decoders put U+FFFD in
 * place of such bytes, which makes one id of two.
 */
export function requestText(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      checkCharset(request.headers.get('content-type'));
      if (!isPercentEncodedUtf8(searchOf(request.url))) throw notUtf8('The target of the request');
      if (requestParser === undefined || request.body === null) return;
      setRequestParser(async (read) => {
        const bytes = new Uint8Array(await read.arrayBuffer());
        if (!isUtf8(bytes)) throw notUtf8('The body');
        const isForm = read.headers.get('content-type')?.startsWith(FORM) === true;
        if (isForm && !isPercentEncodedUtf8(Buffer.from(bytes).toString())) throw notUtf8('The body');
        return requestParser(read);
      });
    },
  };
}

/** @throws GraphQLError BAD_REQUEST with status 415 */
function checkCharset(contentType: string | null): void {
  const charset = /;\s*charset=([^;]*)/.exec(contentType ?? '')?.[1]?.trim();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return;
  throw wireError('BAD_REQUEST', `A body in ${charset.slice(0, 40)} is not read: send UTF-8.`, {
    http: { status: 415 },
  });
}

function searchOf(url: string): string {
  const begin = url.indexOf('?');
  return begin < 0 ? '' : url.slice(begin + 1);
}

/** Whether a query string is ASCII whose escapes are UTF-8. */
function isPercentEncodedUtf8(text: string): boolean {
  if (/[^\x20-\x7e]/.test(text)) return false;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function notUtf8(what: string): Error {
  return wireError('BAD_REQUEST', `${what} is not UTF-8. Nothing was done: send it again as UTF-8.`);
}
