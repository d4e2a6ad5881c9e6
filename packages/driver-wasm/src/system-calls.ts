import { CloudError, isCloudError, type Logger, type ObjectId } from '@welkin/interface'
import type { WasmDriverOptions } from './options.ts'
import type { SystemCall } from './wasi/outside.ts'

const encoder = new TextEncoder()
const GOOD = 1
const FAILED = 0

/** Makes the system calls of one program; one that is made again while it is under way is the same call. */
export class SystemCalls {
  readonly #id: ObjectId
  readonly #call: WasmDriverOptions['call']
  readonly #log: Logger
  readonly #underWay = new Set<string>()
  readonly #end = new AbortController()

  constructor (id: ObjectId, { call, log }: { call: WasmDriverOptions['call'], log: Logger }) {
    this.#id = id
    this.#call = call
    this.#log = log
  }

  /** The reply, or what went wrong, comes to `answer`. */
  make (call: SystemCall, answer: (bytes: Uint8Array) => void): void {
    if (this.#underWay.has(call.requestId)) return
    this.#underWay.add(call.requestId)
    void this.#reply(call).then(bytes => {
      this.#underWay.delete(call.requestId)
      answer(bytes)
    })
  }

  /** Nobody waits for what is under way any more. */
  end (): void {
    this.#end.abort(new CloudError('ECANCELED', 'The program has ended, or is elsewhere.'))
  }

  async #reply (call: SystemCall): Promise<Uint8Array> {
    try {
      if (this.#call === undefined) return failed({ code: 'ENOSYS', message: 'This node takes no system calls.' })
      return marked(GOOD, await this.#call(this.#id, call, { signal: this.#end.signal }))
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
