/** The headers of every answer. Encryption, and the header that insists on it, belong to the proxy that terminates TLS. */
const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The headers of an answer that is data: a browser that shows it loads and runs nothing. */
export const DATA_HEADERS = {
  ...COMMON_HEADERS,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** The headers of an answer that is a page; the page adds the content security policy that its scripts need. */
export const PAGE_HEADERS = COMMON_HEADERS;
