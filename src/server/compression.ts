import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** An answer of up to so many bytes is sent as it is: a packet holds it, compressed or not. */
const SMALL = 1_024;

/** Compressors in the order of preference. Each works in the thread pool, so a large answer holds up nobody. */
const CODINGS = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 5 }),
} as const;

/** A body as it is sent, and the headers that say so. */
export interface EncodedBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Compresses a text above 1 KiB for whoever accepts br or gzip; null for an answer that goes as it is. Answers repeat
 * nothing secret beside what a caller sent, so their lengths tell nobody a secret.
 */
export async function compressed(text: string, accepted: string | null): Promise<EncodedBody | null> {
  if (text.length <= SMALL && Buffer.byteLength(text) <= SMALL) return null;
  const coding = codingFor(accepted ?? '');
  const vary = { vary: 'accept-encoding' };
  const bytes = Buffer.from(text);
  if (coding === null) return { body: bytes, headers: vary };
  return {
    body: Buffer.from(await CODINGS[coding](bytes)),
    headers: { ...vary, 'content-encoding': coding },
  };
}

/** RFC 9110, 12.5.3: the coding with the largest weight, the preferred one of equals; null where none is accepted. */
function codingFor(accepted: string): keyof typeof CODINGS | null {
  const weights = new Map(accepted.split(',').map(weightOf));
  const weight = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0;
  const [best] = (['br', 'gzip'] as const).toSorted((one, other) => weight(other) - weight(one));
  return best !== undefined && weight(best) > 0 ? best : null;
}

function weightOf(text: string): readonly [string, number] {
  const [coding = '', ...parameters] = text.toLowerCase().replaceAll(/\s/g, '').split(';');
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = given === undefined ? 1 : Number(given);
  return [coding, Number.isFinite(weight) ? weight : 0];
}
