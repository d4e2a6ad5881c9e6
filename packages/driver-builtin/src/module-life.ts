import type { CloudError, Link, OutputStream } from '@welkin/interface'
import type { BuiltinContext, BuiltinModule } from './module.ts'

const encoder = new TextEncoder()

/** What a module is given, but for what is its life's own. */
export interface LifeContext extends Omit<
  BuiltinContext, 'syscalls' | 'cloud' | 'signal' | 'stdout' | 'stderr' | 'keeps'
> {
  link: Link
  drawRequestId: () => string
  syscallsOver: (link: Link) => BuiltinContext['syscalls']
  write: (stream: OutputStream, bytes: Uint8Array) => void
}

/** One run of a module, from its beginning or a state to its end, or until it is cut off. */
export class ModuleLife {
  /** Its exit status, or undefined where it was cut off. Never rejects, and may never settle. */
  readonly over: Promise<number | undefined>
  readonly #end = new AbortController()
  readonly #way = new AbortController()
  #take: (() => Uint8Array) | undefined
  #isCut = false

  constructor (module: BuiltinModule, context: LifeContext) {
    this.over = this.#run(module, context)
  }

  get hasState (): boolean {
    return this.#take !== undefined
  }

  get isToldToEnd (): boolean {
    return this.#end.signal.aborted
  }

  /** What it is now; to be called when no step of it is under way. Throws as the module does. */
  take (): Uint8Array {
    return this.#take?.() ?? new Uint8Array()
  }

  tellToEnd (why: CloudError): void {
    this.#end.abort(why)
  }

  /** From now on nothing of what it does reaches anybody. */
  cut (why: CloudError): void {
    this.#isCut = true
    this.#end.abort(why)
    this.#way.abort(why)
  }

  async #run (
    module: BuiltinModule, { link, drawRequestId, syscallsOver, write, ...given }: LifeContext
  ): Promise<number | undefined> {
    const way = until(link, this.#way.signal)
    const writeTo = (stream: OutputStream) => (text: string | Uint8Array): void => {
      if (!this.#isCut) write(stream, typeof text === 'string' ? encoder.encode(text) : text)
    }
    const stderr = writeTo('stderr')
    try {
      const code = await module({
        ...given, syscalls: syscallsOver(way), cloud: { link: way, options: { drawRequestId } },
        signal: this.#end.signal, stdout: writeTo('stdout'), stderr, keeps: take => { this.#take = take }
      }) ?? 0
      return this.#isCut ? undefined : code
    } catch (error) {
      stderr(`${error instanceof Error ? error.message : String(error)}\n`)
      return this.#isCut ? undefined : 1
    }
  }
}

/** The same way, on which all ends when `end` is aborted. */
function until (link: Link, end: AbortSignal): Link {
  const withEnd = <Options extends { signal?: AbortSignal | undefined }> (options: Options | undefined): Options => {
    const { signal } = options ?? {}
    return { ...options as Options, signal: signal === undefined ? end : AbortSignal.any([signal, end]) }
  }
  return {
    request: async (payload, options) => await link.request(payload, withEnd(options)),
    open: (payload, options) => link.open(payload, withEnd(options))
  }
}
