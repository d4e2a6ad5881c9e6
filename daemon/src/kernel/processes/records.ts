import { decode, encode } from '@welkin/abi'
import { CloudError, isCloudError, type Disk, type Logger, type ObjectId } from '@welkin/interface'
import type { ObjectRecord } from '../../residents.ts'

const PREFIX = 'processes/objects/'
const FORMAT = 1

/** The records of this node's objects, on its disk. */
export class ObjectRecords {
  readonly #disk: Disk
  readonly #log: Logger

  constructor ({ disk, log }: { disk: Disk, log: Logger }) {
    this.#disk = disk
    this.#log = log
  }

  /** Resolves when all are durable. */
  async write (records: readonly ObjectRecord[]): Promise<void> {
    const changes = records.map(record => ({ key: PREFIX + record.id, value: encode([FORMAT, record]) }))
    await this.#disk.records.write(changes)
  }

  async remove (ids: readonly ObjectId[]): Promise<void> {
    await this.#disk.records.write(ids.map(id => ({ key: PREFIX + id, value: undefined })))
  }

  /** All that can be read; what cannot stays where it is, with a line in the log. Rejects ESTALE (other version). */
  async readAll (): Promise<ObjectRecord[]> {
    return (await this.#disk.records.list(PREFIX)).flatMap(({ key, value }) => this.#read(key, value) ?? [])
  }

  #read (key: string, value: Uint8Array): ObjectRecord | undefined {
    const whole = this.#decode(key, value)
    if (!Array.isArray(whole)) return undefined
    const [format, record] = whole as [number, ObjectRecord]
    if (format === FORMAT) return record
    throw new CloudError('ESTALE', `The objects in this data directory have format ${format}, this version reads ` +
      `${FORMAT}; run the version that wrote them.`)
  }

  #decode (key: string, value: Uint8Array): unknown {
    try {
      return decode(value)
    } catch (error) {
      if (!isCloudError(error, 'EPROTO')) throw error
      this.#log.error('processes.record_not_readable', { key })
      return undefined
    }
  }
}
