import { Gate } from '@welkin/async'
import {
  CloudError, ignoreFault, onAbort, throwIfAborted, type AbortOptions, type Disk, type Logger, type ObjectId
} from '@welkin/interface'
import type { OwnObjects } from '../objects.ts'
import { LetterBox, type Letter, type LetterBoxBounds } from './letter-box.ts'
import { Letters } from './letters.ts'
import { decodeMail, encodeMail } from './packed-mail.ts'

export interface MailBounds extends LetterBoxBounds {
  /** Of each object. */
  mailboxesMax: number
}

export interface MailPorts {
  disk: Disk
  log: Logger
  objects: Pick<OwnObjects, 'get' | 'has'>
}

const NO_ACKS: AsyncIterable<{ ack: string }> = { async * [Symbol.asyncIterator] () {} }

/** A mailbox in use. Letters of one are written one after the other. */
interface Mailbox {
  readonly name: string
  readonly box: LetterBox
  readonly turns: Gate
  readonly watchers: Set<() => void>
  /** Its object is here no more. */
  isGone: boolean
}

/**
 * The mailboxes of this node's objects: what is in them outlives the daemon, as its objects do, and goes with them when
 * they move.
 */
export class Mailboxes {
  readonly name = 'mail'
  readonly #ports: MailPorts
  readonly #bounds: MailBounds
  readonly #letters: Letters
  readonly #boxes = new Map<ObjectId, Map<string, Mailbox>>()
  /** Objects come and go one after the other. */
  readonly #comings = new Gate(1)
  /** Before that nobody knows which letters and places there are. */
  readonly #loaded: Promise<void>
  #isLoaded: () => void = () => {}

  constructor (ports: MailPorts, bounds: MailBounds) {
    this.#ports = ports
    this.#bounds = bounds
    this.#letters = new Letters(ports)
    this.#loaded = new Promise(resolve => { this.#isLoaded = resolve })
  }

  /** Takes up what an earlier life has kept. Rejects ESTALE, EIO. */
  async load (): Promise<void> {
    const gone = new Set<ObjectId>()
    for (const { object, mailbox, sequence, id, letter } of await this.#letters.readAll()) {
      if (this.#ports.objects.has(object)) this.#open(object, mailbox).box.add(sequence, id, letter)
      else gone.add(object)
    }
    for (const object of gone) await this.remove(object)
    this.#isLoaded()
  }

  /**
   * Resolves when the letter is kept durably; false: it, or one of its id, had come before. Rejects EAGAIN while the
   * mailbox is full, ENOENT, ESTALE (the object has moved), ENOSPC, EIO.
   */
  async deliver (
    object: ObjectId, mailbox: string, letter: Letter, options: AbortOptions = {}
  ): Promise<boolean> {
    await this.#loaded
    for (;;) {
      await this.#ports.objects.get(object).whenSettled(options)
      const isFresh = await this.#deliver(object, mailbox, letter)
      if (isFresh !== 'held') return isFresh
    }
  }

  async #deliver (object: ObjectId, mailbox: string, letter: Letter): Promise<boolean | 'held'> {
    const { box, turns, watchers } = this.#open(object, mailbox)
    return await turns.run(async () => {
      // What it is packed with is all that it will ever have had here.
      if (this.#ports.objects.get(object).isHeld) return 'held'
      const judged = box.judge(letter.id, letter.body.byteLength)
      if (judged === 'known') return false
      if (judged === 'full') {
        const message = `Mailbox "${mailbox}" of object ${object} is full; send the letter again later.`
        throw new CloudError('EAGAIN', message, { fields: { object, mailbox, letters: box.size } })
      }
      const sequence = box.nextSequence
      await this.#letters.write({ object, mailbox, sequence }, letter)
      box.add(sequence, letter.id, letter)
      for (const wake of watchers) wake()
      return true
    })
  }

  /** What is in the mailbox and what comes, so far ahead of what is acknowledged; until `signal` is aborted. */
  async * receive (
    object: ObjectId, mailbox: string, ahead: number, acks: AsyncIterable<{ ack: string }>, signal: AbortSignal
  ): AsyncGenerator<Letter> {
    await this.#loaded
    const opened = this.#open(object, mailbox)
    const reader = {}
    const unacknowledged = new Set<string>()
    let failure: unknown
    let wake = (): void => {}
    let news = false
    const onNews = (): void => {
      news = true
      wake()
    }
    const readAcks = async (): Promise<void> => {
      for await (const { ack } of acks) {
        await this.#acknowledge(object, opened, ack)
        unacknowledged.delete(ack)
        onNews()
      }
    }
    readAcks().catch((error: unknown) => {
      failure = error
      onNews()
    })
    const ignoreAbort = onAbort(signal, onNews)
    opened.watchers.add(onNews)
    try {
      for (;;) {
        throwIfAborted(signal)
        if (opened.isGone) throw notHere(object)
        if (failure !== undefined) throw failure
        news = false
        const letter = unacknowledged.size < ahead ? opened.box.take(reader) : undefined
        if (letter !== undefined) {
          unacknowledged.add(letter.id)
          yield letter
        } else if (!news) await new Promise<void>(resolve => { wake = resolve })
      }
    } finally {
      ignoreAbort()
      opened.watchers.delete(onNews)
      opened.box.giveBack(reader)
      for (const other of opened.watchers) other()
    }
  }

  /** The first letter that nobody else reads, as soon as there is one. It stays first until it is acknowledged. */
  async next (object: ObjectId, mailbox: string, signal: AbortSignal): Promise<Letter> {
    for await (const letter of this.receive(object, mailbox, 1, NO_ACKS, signal)) return letter
    throw notHere(object)
  }

  /** Resolves when that is kept durably; of a letter that is not there any more, at once. Rejects ENOSPC, EIO. */
  async acknowledge (object: ObjectId, mailbox: string, id: string): Promise<void> {
    await this.#loaded
    await this.#acknowledge(object, this.#open(object, mailbox), id)
  }

  /** The object is forgotten, or elsewhere, and its mail with it. */
  async remove (object: ObjectId): Promise<void> {
    await this.#comings.run(async () => {
      this.#close(object)
      await this.#letters.removeAllOf(object).catch(ignoreFault) // what is left is removed at the next start
    })
  }

  /** All that there is of an object that is held. */
  async pack (object: ObjectId): Promise<Uint8Array> {
    await this.#loaded
    const boxes = [...this.#boxes.get(object)?.values() ?? []]
    const mail = boxes.map(async ({ name, box, turns }) => {
      return await turns.run(async () => ({ name, known: box.contents() }))
    })
    return encodeMail(await Promise.all(mail))
  }

  /** In place of what there may be of the object here. Rejects EINVAL, ENOSPC, EIO. */
  async unpack (object: ObjectId, packed: Uint8Array): Promise<void> {
    const mail = decodeMail(packed)
    await this.#loaded
    await this.#comings.run(async () => {
      this.#close(object)
      await this.#letters.removeAllOf(object)
      for (const { name, known } of mail) {
        await this.#letters.writeAll(object, name, known)
        const { box } = this.#open(object, name)
        for (const { sequence, id, letter } of known) box.add(sequence, id, letter)
      }
    })
  }

  /** Who reads here is told. */
  #close (object: ObjectId): void {
    const boxes = this.#boxes.get(object)
    this.#boxes.delete(object)
    for (const mailbox of boxes?.values() ?? []) {
      mailbox.isGone = true
      for (const wake of mailbox.watchers) wake()
    }
  }

  async #acknowledge (object: ObjectId, { name: mailbox, box, turns }: Mailbox, id: string): Promise<void> {
    await turns.run(async () => {
      const known = box.acknowledgement(id)
      if (known === undefined) return
      const { sequence, forgotten } = known
      const places = forgotten.map(old => ({ object, mailbox, sequence: old.sequence }))
      await this.#letters.acknowledge({ object, mailbox, sequence }, id, places)
      box.acknowledge(id, forgotten)
    })
  }

  #open (object: ObjectId, name: string): Mailbox {
    const ofObject = this.#boxes.get(object) ?? new Map<string, Mailbox>()
    const known = ofObject.get(name)
    if (known !== undefined) return known
    if (ofObject.size >= this.#bounds.mailboxesMax) {
      const message = `Object ${object} has ${ofObject.size} mailboxes already; use one of them.`
      throw new CloudError('EAGAIN', message, { fields: { object } })
    }
    const mailbox: Mailbox = {
      name, box: new LetterBox(this.#bounds), turns: new Gate(1), watchers: new Set(), isGone: false
    }
    this.#boxes.set(object, ofObject.set(name, mailbox))
    return mailbox
  }
}

function notHere (object: ObjectId): CloudError {
  const message = `Object ${object} is here no more, nor is its mail; read it where the object is.`
  return new CloudError('ESTALE', message, { fields: { object } })
}
