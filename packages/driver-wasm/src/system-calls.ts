import { CloudError, isCloudError, type Logger, type ObjectId } from '@welkin/interface'
import type { WasmDriverOptions } from './options.ts'
import type { SystemCall } from './wasi/outside.ts'

const encoder = new TextEncoder()
const GOOD = 1
const FAILED = 0

/**
 * Makes the system calls of one program, which waits for one at a time: one that is made again while it is under way is
 * the same call, and another means that it waits for the one before no more.
 */
export class SystemCalls {
  readonly #id: ObjectId
  readonly #call: WasmDriverOptions['call']
  readonly #log: Logger
  #underWay: { readonly requestId: string, readonly end: AbortController } | undefined

  constructor (id: ObjectId, { call, log }: { call: WasmDriverOptions['call'], log: Logger }) {
    this.#id = id
    this.#call = call
    this.#log = log
  }

  /** The reply, or what went wrong, comes to `answer`. */
  make (call: SystemCall, answer: (bytes: Uint8Array) => void): void {
    if (this.#underWay?.requestId === call.requestId) return
    this.end()
    const underWay = { requestId: call.requestId, end: new AbortController() }
    this.#underWay = underWay
    void this.#reply(call, underWay.end.signal).then(bytes => {
      if (this.#underWay === underWay) this.#underWay = undefined
      answer(bytes)
    })
  }

  /** The program waits for what is under way no more. */
  end (): void {
    this.#underWay?.end.abort(new CloudError('ECANCELED', 'The program does not wait for it any more.'))
    this.#underWay = undefined
  }

  async #reply (call: SystemCall, signal: AbortSignal): Promise<Uint8Array> {
    try {
      if (this.#call === undefined) return failed({ code: 'ENOSYS', message: 'This node takes no system calls.' })
      return marked(GOOD, await this.#call(this.#id, call, { signal }))
    } catch (error) {
      if (isCloudError(error)) return failed(error.toJSON())
      this.#log.error('wasm.system_call_failed', { object: this.#id, call: call.name, error: String(error) })
      return failed({ code: 'EFAULT', message: 'The node made a mistake; its log has the story.' })
    }
  }
}

function failed (record: object): Uint8Array {
  return marked(FAILED, JSON.stringify(record))
}

function marked (mark: number, text: string): Uint8Array {
  const bytes = encoder.encode(text)
  const whole = new Uint8Array(1 + bytes.length)
  whole[0] = mark
  whole.set(bytes, 1)
  return whole
}
