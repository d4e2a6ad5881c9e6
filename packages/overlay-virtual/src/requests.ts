import { throwIfAborted, type Cancel, type CloudError } from '@welkin/interface'
import { crossed, EMPTY, handlerOf, ServedCall, sizeError, watchPatience, type Call } from './calls.ts'
import type { Dependant, End } from './connection.ts'

/** Sends a request and resolves with the answer. */
export async function sendRequest (call: Call): Promise<Uint8Array> {
  await call.host.life.alive()
  throwIfAborted(call.signal)
  const tooLarge = sizeError(call.payload)
  if (tooLarge !== undefined) throw tooLarge
  return await new Promise<Uint8Array>((resolve, reject) => {
    void new SentRequest(call, resolve, reject).send()
  })
}

/** A request on its caller's side. */
class SentRequest implements Dependant {
  readonly #call: Call
  readonly #resolve: (answer: Uint8Array) => void
  readonly #reject: (error: CloudError) => void
  readonly #dueMs: number
  readonly #relax: Cancel
  #end: End | undefined
  #served: ServedCall | undefined
  #settled = false

  constructor (call: Call, resolve: (answer: Uint8Array) => void, reject: (error: CloudError) => void) {
    this.#call = call
    this.#resolve = resolve
    this.#reject = reject
    this.#dueMs = call.host.clock.monotonicMs() + (call.timeoutMs ?? Number.POSITIVE_INFINITY)
    this.#relax = watchPatience(call, error => this.#giveUp(error))
  }

  async send (): Promise<void> {
    const { host, peer, protocol, payload } = this.#call
    try {
      const end = await host.connect(peer)
      if (this.#settled) return
      this.#end = end
      end.dependants.add(this)
      const leftMs = this.#dueMs - host.clock.monotonicMs()
      end.send({ kind: 'request', about: protocol, payload }, () => {
        this.#served = new ServedCall(end.other, Number.isFinite(leftMs) ? leftMs : undefined)
        void this.#serve(end.other, this.#served)
      })
    } catch (error) {
      this.lost(error as CloudError)
    }
  }

  lost (error: CloudError): void {
    if (this.#settle()) this.#reject(error)
  }

  #giveUp (error: CloudError): void {
    this.lost(error)
    this.#end?.send({ kind: 'cancel', about: this.#call.protocol, payload: EMPTY }, () => this.#served?.abort(error))
  }

  /** On the other side. */
  async #serve (end: End, served: ServedCall): Promise<void> {
    const { protocol, payload } = this.#call
    let answer: Uint8Array = EMPTY
    let failure: CloudError | undefined
    try {
      answer = await handlerOf(end.host, protocol).request(payload, served)
      failure = sizeError(answer)
    } catch (error) {
      failure = crossed(end.host, protocol, error)
    }
    served.finish()
    if (served.aborted) return
    end.send({ kind: 'answer', about: protocol, payload: failure === undefined ? answer : EMPTY }, () => {
      if (failure !== undefined) this.lost(failure)
      else if (this.#settle()) this.#resolve(answer)
    })
  }

  /** Whether it had not been settled before. */
  #settle (): boolean {
    if (this.#settled || this.#call.host.life.over) return false
    this.#settled = true
    this.#relax()
    this.#end?.dependants.delete(this)
    return true
  }
}
