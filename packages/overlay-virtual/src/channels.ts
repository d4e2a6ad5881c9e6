import { Mailbox } from '@welkin/async'
import { CloudError, abortReason, type Channel } from '@welkin/interface'
import { crossed, EMPTY, handlerOf, ServedCall, sizeError, watchPatience, type Call } from './calls.ts'
import type { Dependant, End } from './connection.ts'
import type { Host } from './host.ts'
import type { MessageKind } from './message.ts'

/** Bytes that may be on their way or unread. */
const WINDOW_BYTES = 2 * 1024 * 1024

/** Opens a channel; whatever goes wrong, its reads and sends tell. */
export function openChannel (call: Call): Channel {
  const near = new VirtualChannel(call.host, call.protocol)
  const failure = call.signal?.aborted === true ? abortReason(call.signal) : sizeError(call.payload)
  if (failure === undefined) void connectChannel(call, near)
  else near.close(failure)
  return near
}

async function connectChannel (call: Call, near: VirtualChannel): Promise<void> {
  const dueMs = call.host.clock.monotonicMs() + (call.timeoutMs ?? Number.POSITIVE_INFINITY)
  near.onDone(watchPatience(call, error => near.fail(error)))
  try {
    const end = await call.host.connect(call.peer)
    if (near.done) return
    const leftMs = dueMs - call.host.clock.monotonicMs()
    end.send({ kind: 'open', about: call.protocol, payload: call.payload }, () => {
      void serveChannel(call, near, new ServedCall(end.other, Number.isFinite(leftMs) ? leftMs : undefined), end.other)
    })
    near.attach(end)
  } catch (error) {
    near.close(error as CloudError)
  }
}

async function serveChannel (call: Call, near: VirtualChannel, served: ServedCall, end: End): Promise<void> {
  const { protocol, payload } = call
  const far = near.createOther(end)
  far.onDone(error => { if (error !== undefined) served.abort(error) })
  try {
    await handlerOf(end.host, protocol).channel(payload, far, served)
    await far.end()
    far.stopReading()
  } catch (error) {
    far.fail(crossed(end.host, protocol, error))
  }
  served.finish()
}

interface Outgoing { message: Uint8Array | undefined, resolve: () => void, reject: (error: CloudError) => void }

/** One end of a channel. */
class VirtualChannel implements Channel, Dependant {
  readonly #host: Host
  readonly #protocol: string
  readonly #incoming = new Mailbox<Uint8Array>()
  readonly #doneListeners: Array<(error?: CloudError) => void> = []
  /** What waits for the connection or for the other end to read; a missing message is the end. */
  #outgoing: Outgoing[] = []
  #end: End | undefined
  #other: VirtualChannel | undefined
  #windowBytes = WINDOW_BYTES
  #readBytes = 0
  #failure: CloudError | undefined
  /** Why nothing more can be sent: this end said so, or the other reads no more. */
  #sealed: CloudError | undefined
  #sent = false
  #read = false

  constructor (host: Host, protocol: string) {
    this.#host = host
    this.#protocol = protocol
  }

  /** Whether nothing will happen any more. */
  get done (): boolean {
    return this.#failure !== undefined || (this.#sent && this.#read)
  }

  /** Calls `listener` when it is done, with the failure if there was one. */
  onDone (listener: (error?: CloudError) => void): void {
    this.#doneListeners.push(listener)
  }

  /** From now on its messages go over this connection. */
  attach (end: End): void {
    this.#end = end
    end.dependants.add(this)
    this.#pump()
  }

  createOther (end: End): VirtualChannel {
    const other = new VirtualChannel(end.host, this.#protocol)
    other.#other = this
    this.#other = other
    other.attach(end)
    return other
  }

  async send (message: Uint8Array): Promise<void> {
    await this.#host.life.alive()
    const failure = this.#failure ?? this.#sealed ?? sizeError(message)
    if (failure !== undefined) throw failure
    await this.#enqueue(message)
  }

  async end (): Promise<void> {
    await this.#host.life.alive()
    if (this.#failure !== undefined || this.#sealed !== undefined) return
    this.#sealed = new CloudError('EPIPE', 'This end has said that it sends no more.')
    await this.#enqueue(undefined)
  }

  fail (error: CloudError): void {
    if (this.done) return
    this.#tell('fail', EMPTY, other => other.close(error))
    this.close(error)
  }

  lost (error: CloudError): void {
    this.close(error)
  }

  /** Fails this end alone. */
  close (error: CloudError): void {
    if (this.done || this.#host.life.over) return
    this.#failure = error
    this.#incoming.fail(error)
    this.#refuse(error)
    this.#finish()
  }

  /** Lets the other end know that what it sends is for nobody. */
  stopReading (): void {
    if (this.#read || this.done) return
    this.#tell('end', EMPTY, other => other.#seal())
    this.#incoming.end()
    this.#read = true
    this.#finish()
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    try {
      for (let message = await this.#incoming.take(); message !== undefined; message = await this.#incoming.take()) {
        this.#giveBack(message.byteLength)
        yield message
      }
    } finally {
      this.stopReading()
    }
  }

  async #enqueue (message: Uint8Array | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#outgoing.push({ message, resolve, reject })
      this.#pump()
    })
  }

  #pump (): void {
    while (this.#end !== undefined && this.#windowBytes > 0) {
      const next = this.#outgoing.shift()
      if (next === undefined) return
      this.#transmit(next.message)
      next.resolve()
    }
  }

  #transmit (message: Uint8Array | undefined): void {
    if (message === undefined) {
      this.#tell('end', EMPTY, other => other.#endReads())
      this.#sent = true
      this.#finish()
    } else {
      this.#windowBytes -= message.byteLength
      this.#tell('data', message, other => other.#incoming.put(message))
    }
  }

  #giveBack (sizeBytes: number): void {
    this.#readBytes += sizeBytes
    if (this.#readBytes < WINDOW_BYTES / 2 || this.#read) return
    const readBytes = this.#readBytes
    this.#readBytes = 0
    this.#tell('window', EMPTY, other => {
      other.#windowBytes += readBytes
      other.#pump()
    })
  }

  #endReads (): void {
    this.#incoming.end()
    this.#read = true
    this.#finish()
  }

  #seal (): void {
    if (this.#sent || this.#failure !== undefined) return
    this.#sealed = new CloudError('EPIPE', 'The other end reads no more.')
    this.#sent = true
    this.#refuse(this.#sealed)
    this.#finish()
  }

  #refuse (error: CloudError): void {
    for (const { reject } of this.#outgoing.splice(0)) reject(error)
  }

  #tell (kind: MessageKind, payload: Uint8Array, deliver: (other: VirtualChannel) => void): void {
    this.#end?.send({ kind, about: this.#protocol, payload }, () => {
      if (this.#other !== undefined) deliver(this.#other)
    })
  }

  #finish (): void {
    if (!this.done) return
    this.#end?.dependants.delete(this)
    for (const listener of this.#doneListeners.splice(0)) listener(this.#failure)
  }
}
