import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { Plugin } from 'graphql-yoga';
import { wireError } from './wire-codes.ts';

/** Headers that no page of another site can send without asking first; any one of them will do, whatever it says. */
export const CSRF_HEADERS = ['x-graphql-yoga-csrf', 'apollo-require-preflight'];

/** What an answer can be written as. */
const ANSWERS = [
  'application/graphql-response+json',
  'application/json',
  'text/event-stream',
  'multipart/mixed',
];

/** The error for a request that accepts nothing that its answer could be written as. */
export function notAcceptable(): Error {
  return wireError(
    'BAD_REQUEST',
    'Accept application/json or application/graphql-response+json, and for a subscription text/event-stream, in UTF-8.',
    { http: { status: 406 } },
  );
}

/**
 * What a request has to look like. It is refused before its body is read and anything is done: Yoga would carry out a
 * mutation first and then find that its answer can't be written, and says nothing of what it does not read.
 */
export function requestShape(): readonly Plugin[] {
  return [fromNoOtherSite(), readableAndAnswerable];
}

function fromNoOtherSite(): Plugin {
  const prevention = useCSRFPrevention({ requestHeaders: CSRF_HEADERS });
  return {
    onRequestParse(payload) {
      // A browser sends this header for no page of another site without asking first. Forms have no use for it.
      const { method, headers } = payload.request;
      if (method === 'GET' && headers.has('authorization')) return undefined;
      try {
        return prevention.onRequestParse?.(payload);
      } catch {
        throw wireError(
          'FORBIDDEN',
          `Pages of other sites could send this: add the header ${CSRF_HEADERS.join(' or ')}, with any value, or send JSON by POST.`,
        );
      }
    },
  };
}

const readableAndAnswerable: Plugin = {
  onRequestParse({ request: { method, headers }, requestParser }) {
    if (!accepts(headers.get('accept'))) throw notAcceptable();
    const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
    if (encoding !== 'identity')
      throw unreadable('A body with a content-encoding is not read: send it as it is.');
    if (method === 'POST' && requestParser === undefined)
      throw unreadable('Send JSON, with content-type: application/json.');
  },
};

function unreadable(message: string): Error {
  return wireError('BAD_REQUEST', message, { http: { status: 415 } });
}

/** Whether one of the types that Yoga would answer with is accepted; it writes UTF-8 only. */
function accepts(accept: string | null): boolean {
  if (accept === null || accept === '') return true;
  return accept.split(',').some((each) => {
    const [type = '', ...parameters] = each.toLowerCase().replaceAll(/\s/g, '').split(';');
    const charset = parameters.find((parameter) => parameter.startsWith('charset=')) ?? 'charset=utf-8';
    return charset === 'charset=utf-8' && ANSWERS.some((answer) => matches(answer, type));
  });
}

function matches(answer: string, asked: string): boolean {
  const [type, subtype] = answer.split('/');
  const [askedType, askedSubtype] = asked.split('/');
  return (askedType === '*' || askedType === type) && (askedSubtype === '*' || askedSubtype === subtype);
}
