import { fork, type ChildProcess } from 'node:child_process';
import { bundle } from '../bundle.ts';

/** A process that a bench asks one thing after another. */
export class Child {
  readonly #process: ChildProcess;

  private constructor(started: ChildProcess) {
    this.#process = started;
  }

  /** Starts a file of this folder with arguments. */
  static async start(name: 'serve' | 'listen', args: readonly string[]): Promise<Child> {
    const file = await bundle(`subscribers/${name}.ts`);
    return new Child(fork(file, args, { execArgv: ['--expose-gc'], serialization: 'advanced' }));
  }

  /** Asks, and waits for the answer. */
  async ask(question: object): Promise<unknown> {
    const answered = new Promise((resolve, reject) => {
      this.#process.once('message', resolve);
      this.#process.once('exit', (code) =>
        reject(new Error(`A process of the bench ended with ${String(code)}.`)),
      );
    });
    this.#process.send(question);
    const answer = await answered;
    this.#process.removeAllListeners('exit');
    return answer;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
  }
}

/** Answers every question that the parent asks. */
export function answerParent(answer: (question: never) => Promise<object>): void {
  process.on('message', (question) => {
    answer(question as never).then(
      (answered) => process.send?.(answered),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
