/**
 * Work in lanes: one at a time in each, lanes side by side, so many at once at most. A piece of work that has to be
 * tried again later holds up its lane and nothing else.
 */
export type Work = {
  readonly lane: string;
  /** Resolves with the ms to wait before it is called again; undefined: done. Never rejects. */
  run(): Promise<number | undefined>;
};

type Lane = { readonly name: string; readonly waiting: Work[]; timer?: NodeJS.Timeout };

export class Lanes {
  readonly #atOnce: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  readonly #running = new Set<Promise<void>>();
  #open = true;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  push(work: Work): void {
    const lane = this.#lanes.get(work.lane);
    if (lane !== undefined) {
      lane.waiting.push(work);
      return;
    }
    const opened: Lane = { name: work.lane, waiting: [work] };
    this.#lanes.set(work.lane, opened);
    this.#ready.push(opened);
    this.#start();
  }

  /** Nothing more is begun; what runs is waited for, for `graceMs` at most. */
  async stop(graceMs: number): Promise<void> {
    this.#open = false;
    for (const { timer } of this.#lanes.values()) clearTimeout(timer);
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#running), grace]);
    clearTimeout(timer);
  }

  #start(): void {
    while (this.#open && this.#running.size < this.#atOnce) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      const running = this.#run(lane).finally(() => {
        this.#running.delete(running);
        this.#start();
      });
      this.#running.add(running);
    }
  }

  async #run(lane: Lane): Promise<void> {
    const again = await lane.waiting[0]?.run();
    if (again !== undefined) {
      if (!this.#open) return;
      lane.timer = setTimeout(() => {
        this.#ready.push(lane);
        this.#start();
      }, again);
      return;
    }
    lane.waiting.shift();
    if (lane.waiting.length > 0) this.#ready.push(lane);
    else this.#lanes.delete(lane.name);
  }
}
