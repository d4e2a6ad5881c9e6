import { decode, encode, type ObjectSpec, type OutputFile } from '@welkin/abi'
import {
  CloudError, isCloudError, type CloudProcessId, type Disk, type Logger, type ObjectId, type TaskExit,
  type TaskUsage
} from '@welkin/interface'

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
  /** What its last task had used in the end; left out by earlier versions. */
  usage?: TaskUsage | undefined
  /** Whose it is, and by what its node acts for it; left out in an open cloud. */
  readonly rights?: ObjectRecordRights | undefined
  /** Where it can be talked to, by name, where that is no longer what its spec says. */
  ports?: Readonly<Record<string, number>> | undefined
}

export interface ObjectRecordRights { owner: string, chain: readonly Uint8Array[] }

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
