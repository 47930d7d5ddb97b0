import type { WriteTransaction } from '../../src/app/ports/store.ts';

/** A piece of work that holds the writer from when it has `begun` until it is let go, or made to fail. */
export function holding() {
  let letGo: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const end = new Promise<void>((resolve, reject) => {
    letGo = resolve;
    fail = reject;
  });
  let begin: (tx: WriteTransaction) => void = () => undefined;
  const begun = new Promise<WriteTransaction>((resolve) => {
    begin = resolve;
  });
  const work = (tx: WriteTransaction) => {
    begin(tx);
    return end;
  };
  return { work, begun, letGo, fail };
}
