import type { IncomingMessage } from 'node:http';

/**
 * Brings what clients may spell in several ways into the one spelling that is compared later: an absolute-form target
 * becomes a path, the media type of the content becomes lower case, and quotes and blanks leave the accepted types.
 */
export function normalizeHead(request: IncomingMessage): void {
  const { headers } = request;
  request.url = originForm(request.url ?? '/');
  if (headers['content-type'] !== undefined) headers['content-type'] = contentType(headers['content-type']);
  if (headers.accept !== undefined) headers.accept = headers.accept.replaceAll(/["\s]/g, '').toLowerCase();
}

/** The path of a request target, which begins with a slash. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

/** RFC 9112, 3.2.2: a server accepts the absolute form, which proxies send. */
function originForm(target: string): string {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}

/** RFC 9110, 8.3.1: type and parameter names have no case, and a parameter's value may be quoted. */
function contentType(value: string): string {
  const [type = '', ...parameters] = value.split(';').map((part) => part.trim());
  return [type.toLowerCase(), ...parameters.map(parameter)].filter((part) => part !== '').join('; ');
}

function parameter(text: string): string {
  const [name = '', ...rest] = text.split('=');
  const value = rest
    .join('=')
    .trim()
    .replace(/^"(.*)"$/, '$1');
  const isCharset = name.trim().toLowerCase() === 'charset';
  return `${name.trim().toLowerCase()}=${isCharset ? value.toLowerCase() : value}`;
}
