import { decode, encode, type ObjectSpec, type OutputFile } from '@welkin/abi'
import { CloudError, type CloudProcessId, type Disk, type ObjectId, type TaskExit } from '@welkin/interface'

const PREFIX = 'processes/objects/'
const FORMAT = 1

/** What a node remembers of an object over its own restarts. */
export interface ObjectRecord {
  readonly id: ObjectId
  readonly cp: CloudProcessId
  readonly name: string | undefined
  readonly spec: ObjectSpec
  readonly spawnedAtMs: number
  /** Proves that a caller is this object. */
  readonly token: string
  /** Counts restarts. */
  attempt: number
  /** Somebody has asked for its end. */
  killed: boolean
  startedAtMs: number | undefined
  /** Set when it has ended for good. */
  endedAtMs: number | undefined
  exit: TaskExit | undefined
  outputs: OutputFile[]
}

/** The records of this node's objects, on its disk. */
export class ObjectRecords {
  readonly #disk: Disk

  constructor (disk: Disk) {
    this.#disk = disk
  }

  /** Resolves when all are durable. */
  async write (records: readonly ObjectRecord[]): Promise<void> {
    await this.#disk.records.write(records.map(record => ({ key: PREFIX + record.id, value: encode([FORMAT, record]) })))
  }

  async remove (ids: readonly ObjectId[]): Promise<void> {
    await this.#disk.records.write(ids.map(id => ({ key: PREFIX + id, value: undefined })))
  }

  async readAll (): Promise<ObjectRecord[]> {
    return (await this.#disk.records.list(PREFIX)).map(({ value }) => {
      const [format, record] = decode(value) as [number, ObjectRecord]
      if (format === FORMAT) return record
      throw new CloudError('ESTALE', `The objects in this data directory have format ${format}, this version reads ${FORMAT}; run the version that wrote them.`)
    })
  }
}
