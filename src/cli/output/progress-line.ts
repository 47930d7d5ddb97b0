import type { Terminal } from './terminal.ts';

/** How far something is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A line on a terminal's stderr that says how far something is; where nobody looks, nothing. */
export function progressLine({ streams: { stderr } }: Terminal) {
  const show = (doing: string, { done, total }: Progress, what: string) => {
    if (stderr.isTTY !== true) return;
    const share = total === 0 ? 100 : Math.floor((done / total) * 100);
    const counted = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`;
    stderr.write(`\r\u001B[K${doing}: ${counted} ${what}, ${share} %`);
  };
  const clear = () => {
    if (stderr.isTTY === true) stderr.write('\r\u001B[K');
  };
  return { show, clear };
}
