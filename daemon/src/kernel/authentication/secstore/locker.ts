import { CloudError, type Disk } from '@welkin/interface'

const PREFIX = 'authentication/secrets/'
const SECRETS_MAX = 64

/** What users keep at this node for themselves; it was locked before it came here. */
export class Locker {
  readonly #disk: Disk

  constructor (disk: Disk) {
    this.#disk = disk
  }

  /** Rejects ENOSPC (too many of one user, or the disk is full), EIO. */
  async put (user: string, name: string, sealed: Uint8Array): Promise<void> {
    const { records } = this.#disk
    const key = `${PREFIX}${user}/${name}`
    const kept = await records.list(`${PREFIX}${user}/`)
    if (kept.length >= SECRETS_MAX && !kept.some(one => one.key === key)) {
      throw new CloudError('ENOSPC', `A user has at most ${SECRETS_MAX} secrets; put several into one.`)
    }
    await records.write([{ key, value: sealed }])
  }

  async get (user: string, name: string): Promise<Uint8Array | undefined> {
    return await this.#disk.records.get(`${PREFIX}${user}/${name}`)
  }
  /** Forgets what is kept of users for whom `isGone` holds. */
  async sweep (isGone: (user: string) => boolean): Promise<void> {
    const { records } = this.#disk
    const gone = (await records.list(PREFIX)).filter(({ key }) => isGone(key.slice(PREFIX.length).split('/')[0] ?? ''))
    if (gone.length > 0) await records.write(gone.map(({ key }) => ({ key, value: undefined })))
  }
}
