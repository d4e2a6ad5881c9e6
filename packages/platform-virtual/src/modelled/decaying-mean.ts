/**
 * The mean of a level that changes in steps, in which the past counts for less the longer it is ago: a time constant
 * after a step, 63 % of it show. Linux averages load and pressure so, by samples every few seconds.
 */
export class DecayingMean {
  readonly #timeConstantMs: number
  #value = 0

  constructor (timeConstantMs: number) {
    this.#timeConstantMs = timeConstantMs
  }

  get value (): number {
    return this.#value
  }

  /** The level was `level` for so long. */
  pass (level: number, elapsedMs: number): void {
    this.#value = level + (this.#value - level) * Math.exp(-elapsedMs / this.#timeConstantMs)
  }
}
