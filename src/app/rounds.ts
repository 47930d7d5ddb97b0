/** Work in rounds: never two at once, and one more if it is asked for during a round. A round must not throw. */
export class Rounds {
  #asked = false;
  #busy = false;
  #done: Promise<void> = Promise.resolve();

  constructor(private readonly round: () => Promise<void>) {}

  /** Resolved once no round is asked for any more. */
  get done(): Promise<void> {
    return this.#done;
  }

  ask(): void {
    this.#asked = true;
    if (!this.#busy) this.#done = this.#run();
  }

  /** The flag falls in the very step in which nothing is asked for: a later one would swallow what is asked in between. */
  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#asked) {
      this.#asked = false;
      await this.round();
    }
    this.#busy = false;
  }
}
