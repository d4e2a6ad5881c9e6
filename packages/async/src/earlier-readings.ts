/** What a meter said, and when. */
export interface Reading<Values> { atMs: number, values: Values }

/**
 * What a meter said before, to take means by: the difference of two readings by the time between them. Any number of
 * readers may share it: of two readings that are kept, at least `spanMs` apart, each is compared with the newest that
 * is at least so much older, whoever made it; with the first, while there is none.
 */
export class EarlierReadings<Values> {
  readonly #spanMs: number
  #older: Reading<Values>
  #newer: Reading<Values>

  constructor (spanMs: number, first: Reading<Values>) {
    this.#spanMs = spanMs
    this.#older = first
    this.#newer = first
  }

  /** The reading to compare `now` with, which may itself be kept for later ones. Times never go back. */
  before (now: Reading<Values>): Reading<Values> {
    if (now.atMs - this.#newer.atMs < this.#spanMs) return this.#older
    this.#older = this.#newer
    this.#newer = now
    return this.#older
  }
}
