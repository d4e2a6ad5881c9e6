/** What was sent, as it is kept. */
export interface Letter {
  readonly id: string
  /** Whose it is: a principal. */
  readonly from: string
  readonly body: Uint8Array
  readonly sentAtMs: number
}

export interface LetterBoxBounds {
  lettersMax: number
  bytesMax: number
  /** Ids of acknowledged letters that are remembered, so that the same one is not taken again. */
  rememberedMax: number
}

/** What is known of a letter by its place; `letter` undefined: it was acknowledged. */
export interface Known { sequence: number, id: string, letter: Letter | undefined }

interface Entry { readonly sequence: number, letter: Letter | undefined, reader: object | undefined }

/** One mailbox: letters in the order of their coming, each with one reader at a time until it is acknowledged. */
export class LetterBox {
  readonly #bounds: LetterBoxBounds
  readonly #entries = new Map<string, Entry>()
  /** Ids of letters that nobody reads now, in order. */
  #unread: string[] = []
  #acknowledged = 0
  #bytes = 0
  #sequence = 0

  constructor (bounds: LetterBoxBounds) {
    this.#bounds = bounds
  }

  get size (): number {
    return this.#entries.size - this.#acknowledged
  }

  get bytes (): number {
    return this.#bytes
  }

  /** The place of the next letter. */
  get nextSequence (): number {
    return this.#sequence + 1
  }

  /** Whether one of this id and size can be taken: `known`: it was. */
  judge (id: string, bytes: number): 'fresh' | 'known' | 'full' {
    if (this.#entries.has(id)) return 'known'
    const { lettersMax, bytesMax } = this.#bounds
    return this.size >= lettersMax || this.#bytes + bytes > bytesMax ? 'full' : 'fresh'
  }

  /** Takes a letter, or (undefined) remembers that one of this id was acknowledged; in the order of `sequence`. */
  add (sequence: number, id: string, letter: Letter | undefined): void {
    this.#entries.set(id, { sequence, letter, reader: undefined })
    this.#sequence = Math.max(this.#sequence, sequence)
    if (letter === undefined) {
      this.#acknowledged++
      return
    }
    this.#bytes += letter.body.byteLength
    this.#unread.push(id)
  }

  /** All that is known, in order. */
  contents (): Known[] {
    return [...this.#entries].map(([id, { sequence, letter }]) => ({ sequence, id, letter }))
  }

  /** The first that nobody reads, for `reader`. */
  take (reader: object): Letter | undefined {
    const id = this.#unread.shift()
    if (id === undefined) return undefined
    const entry = this.#entries.get(id) as Entry
    entry.reader = reader
    return entry.letter
  }

  /** The place of a letter that is to be acknowledged, and of those whose ids need be remembered no longer. */
  acknowledgement (id: string): { sequence: number, forgotten: Array<{ id: string, sequence: number }> } | undefined {
    const entry = this.#entries.get(id)
    if (entry?.letter === undefined) return undefined
    const surplus = this.#acknowledged + 1 - this.#bounds.rememberedMax
    const old = surplus <= 0 ? [] : [...this.#entries].filter(([, { letter }]) => letter === undefined)
    const forgotten = old.slice(0, Math.max(0, surplus)).map(([oldId, { sequence }]) => ({ id: oldId, sequence }))
    return { sequence: entry.sequence, forgotten }
  }

  /** What `acknowledgement` has said is written down. */
  acknowledge (id: string, forgotten: ReadonlyArray<{ id: string }>): void {
    const entry = this.#entries.get(id)
    if (entry?.letter === undefined) return
    this.#bytes -= entry.letter.body.byteLength
    this.#unread = entry.reader === undefined ? this.#unread.filter(unread => unread !== id) : this.#unread
    entry.letter = undefined
    entry.reader = undefined
    this.#acknowledged++
    for (const old of forgotten) if (this.#entries.delete(old.id)) this.#acknowledged--
  }

  /** The reader is gone: what it has not acknowledged is for the next, in its place. */
  giveBack (reader: object): void {
    const back = [...this.#entries].filter(([, entry]) => entry.reader === reader)
    if (back.length === 0) return
    for (const [, entry] of back) entry.reader = undefined
    const place = (id: string): number => this.#entries.get(id)?.sequence ?? 0
    this.#unread = [...this.#unread, ...back.map(([id]) => id)].toSorted((a, b) => place(a) - place(b))
  }
}
