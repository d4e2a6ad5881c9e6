import { CloudError, isCloudError } from '@welkin/interface'

interface Entry { name: string, reply: Promise<Uint8Array> }

/**
 * Remembers the replies to the last `entriesMax` calls that must be executed once, by caller and request id. A repeat
 * gets the first reply, also while that is still being made. A refusal that may pass (EAGAIN and the like) is not kept.
 */
export class Replies {
  readonly #entries = new Map<string, Entry>()
  readonly #entriesMax: number

  constructor (entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  async once (key: string, name: string, execute: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      if (known.name === name) return await known.reply
      throw new CloudError('EINVAL', `This request id was used for ${known.name}; draw a new one for each call.`)
    }
    const reply = execute()
    this.#entries.set(key, { name, reply })
    this.#shrink()
    try {
      return await reply
    } catch (error) {
      if (mayPass(error)) this.#entries.delete(key)
      throw error
    }
  }

  #shrink (): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) return
      this.#entries.delete(key)
    }
  }
}

function mayPass (error: unknown): boolean {
  return !isCloudError(error) || isCloudError(error, 'EAGAIN', 'ECANCELED', 'ETIMEDOUT', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOSPC')
}
