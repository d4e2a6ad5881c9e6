import { decode, encode } from '@welkin/abi'
import { CloudError, isCloudError, type Disk, type Logger, type ObjectId, type RecordChange } from '@welkin/interface'
import type { Known, Letter } from './letter-box.ts'

const PREFIX = 'communication/mail/'
const FORMAT = 1
const DIGITS = 12

/** Where a letter, or what is remembered of it, is kept. */
export interface Place { object: ObjectId, mailbox: string, sequence: number }

export interface KeptLetter extends Place, Known {}

/** The letters of this node's objects, on its disk. */
export class Letters {
  readonly #disk: Disk
  readonly #log: Logger

  constructor ({ disk, log }: { disk: Disk, log: Logger }) {
    this.#disk = disk
    this.#log = log
  }

  /** Resolves when it will survive a power cut. Rejects ENOSPC, EIO. */
  async write (place: Place, letter: Letter): Promise<void> {
    await this.#disk.records.write([{ key: keyOf(place), value: valueOf(letter.id, letter) }])
  }

  /** Of a letter that was acknowledged the id is left, for a while. */
  async acknowledge (place: Place, id: string, forgotten: readonly Place[]): Promise<void> {
    await this.#disk.records.write([
      { key: keyOf(place), value: valueOf(id, undefined) },
      ...forgotten.map((old): RecordChange => ({ key: keyOf(old), value: undefined }))
    ])
  }

  /** All that is known in one of the object's mailboxes. Rejects ENOSPC, EIO. */
  async writeAll (object: ObjectId, mailbox: string, known: readonly Known[]): Promise<void> {
    await this.#disk.records.write(known.map(({ sequence, id, letter }) =>
      ({ key: keyOf({ object, mailbox, sequence }), value: valueOf(id, letter) })))
  }

  async removeAllOf (object: ObjectId): Promise<void> {
    const kept = await this.#disk.records.list(`${PREFIX}${object}/`)
    if (kept.length > 0) await this.#disk.records.write(kept.map(({ key }) => ({ key, value: undefined })))
  }

  /** In order; what cannot be read stays where it is, with a line in the log. Rejects ESTALE (other version). */
  async readAll (): Promise<KeptLetter[]> {
    return (await this.#disk.records.list(PREFIX)).flatMap(({ key, value }) => this.#read(key, value) ?? [])
  }

  #read (key: string, value: Uint8Array): KeptLetter | undefined {
    const [object = '', mailbox = '', sequence = ''] = key.slice(PREFIX.length).split('/')
    try {
      const whole = decode(value)
      const [format, id, from, sentAtMs, body] = whole as [number, string, string, number, Uint8Array]
      if (format !== FORMAT) {
        throw new CloudError('ESTALE', `The mail in this data directory has format ${format}, this version reads ` +
          `${FORMAT}; run the version that wrote it.`)
      }
      // A view of what the disk gave would keep all of that.
      const letter = body === undefined ? undefined : { id, from, sentAtMs, body: body.slice() }
      return { object, mailbox, sequence: Number(sequence), id, letter }
    } catch (error) {
      if (!isCloudError(error, 'EPROTO')) throw error
      this.#log.error('communication.letter_not_readable', { key })
      return undefined
    }
  }
}

function valueOf (id: string, letter: Letter | undefined): Uint8Array {
  if (letter === undefined) return encode([FORMAT, id])
  const { from, sentAtMs, body } = letter
  return encode([FORMAT, id, from, sentAtMs, body])
}

function keyOf ({ object, mailbox, sequence }: Place): string {
  return `${PREFIX}${object}/${mailbox}/${String(sequence).padStart(DIGITS, '0')}`
}
