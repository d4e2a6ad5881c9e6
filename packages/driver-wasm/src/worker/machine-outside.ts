import { randomFillSync } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { OutputStream } from '@welkin/interface'
import { ProgramEnd, type Outside, type SystemCall, type Waited } from '../wasi/outside.ts'
import type { ProgramState } from '../wasi/program-state.ts'
import { keptBytes } from '../wasi/save-program.ts'
import type { TalkNews, TalkOrder } from '../wasi/talk/messages.ts'
import { CONTROL } from './control.ts'
import { OutputBuffer } from './output-buffer.ts'
import type { News, Order } from './protocol.ts'

const NS_PER_MS = 1_000_000n
const KIBIBYTE = 1024

/** What came that the program itself does not look at. */
export type Wish = Extract<Order, { kind: 'gather' | 'capture' | 'resume' | 'state' | 'go' | 'pages' }>

/** The world of a program: this machine's clocks and chance, and the daemon, with which it shares a few numbers. */
export class MachineOutside implements Outside {
  readonly #control: Int32Array
  readonly #port: MessagePort
  readonly #output: OutputBuffer
  readonly #fileBytesAll: number
  readonly #wishes: Wish[] = []
  readonly #cpuPath = ownCpuPath()
  #state: ProgramState | undefined
  #onDrop: () => void = () => {}
  /** What was heard since the program looked up last: one that stands still hears nothing. */
  #heard: TalkNews[] = []
  readonly #suspendable: boolean

  constructor (
    control: Int32Array, port: MessagePort,
    { fileBytesAll, suspendable }: { fileBytesAll: number, suspendable: boolean }
  ) {
    this.#control = control
    this.#port = port
    this.#fileBytesAll = fileBytesAll
    this.#suspendable = suspendable
    // Who cannot be interrupted may not come by again for long.
    this.#output = new OutputBuffer(control, news => this.tell(news), { delays: suspendable })
  }

  /** `onDrop`: called when copies of pages are to go. */
  attach (state: ProgramState, onDrop: () => void): void {
    this.#state = state
    this.#onDrop = onDrop
  }

  get threadId (): number | undefined {
    return this.#cpuPath === undefined ? undefined : Number(this.#cpuPath.split('/')[4])
  }

  tell (news: News, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(news, transfer)
  }

  wallNs (): bigint {
    return BigInt(Math.round(Date.now())) * NS_PER_MS
  }

  monotonicNs (): bigint {
    return process.hrtime.bigint()
  }

  cpuNs (): bigint {
    if (this.#cpuPath === undefined) return this.monotonicNs()
    return BigInt(readFileSync(this.#cpuPath, 'latin1').split(' ')[0] ?? 0)
  }

  random (into: Uint8Array): void {
    randomFillSync(into)
  }

  write (stream: OutputStream, bytes: Uint8Array): void {
    this.#output.write(stream, bytes)
  }

  flush (): void {
    this.#output.flush()
  }

  took (bytes: number): void {
    if (bytes > 0) this.tell({ kind: 'took', bytes })
  }

  call (call: SystemCall): void {
    this.tell({ kind: 'call', call })
  }

  talk (order: TalkOrder): void {
    this.tell({ kind: 'talk', order })
  }

  handlesSignals (): void {
    this.tell({ kind: 'handles-signals' })
  }

  roomBytes (): number {
    const state = this.#state
    if (state === undefined) return 0
    if (state.tree.spentBytes > this.#fileBytesAll) state.tree.spentBytes = keptBytes(state)
    Atomics.store(this.#control, CONTROL.fileKibibytes, Math.ceil(state.tree.spentBytes / KIBIBYTE))
    return this.#fileBytesAll - state.tree.spentBytes
  }

  wantsSuspension (): boolean {
    this.#look()
    return this.#isWanted
  }

  wait (untilNs: bigint | undefined): Waited {
    this.#output.flush()
    for (;;) {
      const bell = Atomics.load(this.#control, CONTROL.bell)
      const isNew = this.#look()
      if (this.#isWanted) return 'suspend'
      if (isNew) return 'news'
      const leftMs = untilNs === undefined ? Infinity : Number(untilNs - this.monotonicNs()) / Number(NS_PER_MS)
      if (leftMs <= 0) return 'time'
      Atomics.wait(this.#control, CONTROL.bell, bell, leftMs)
    }
  }

  /** Waits, whatever is wished of the program, until it is so or the time is over. */
  linger (isOver: () => boolean, forMs: number): void {
    const untilNs = this.monotonicNs() + BigInt(forMs) * NS_PER_MS
    this.#output.flush()
    for (;;) {
      const bell = Atomics.load(this.#control, CONTROL.bell)
      this.#look()
      const leftMs = Number(untilNs - this.monotonicNs()) / Number(NS_PER_MS)
      if (isOver() || leftMs <= 0) return
      Atomics.wait(this.#control, CONTROL.bell, bell, leftMs)
    }
  }

  /** What is wanted next of a program that stands still; `idle` is called whenever the bell has rung. */
  nextWish (idle: () => void = () => {}): Wish {
    for (;;) {
      const bell = Atomics.load(this.#control, CONTROL.bell)
      if (Atomics.load(this.#control, CONTROL.news) !== 0) this.#readNews()
      const wish = this.#wishes.shift()
      if (wish !== undefined) return wish
      idle()
      Atomics.wait(this.#control, CONTROL.bell, bell)
    }
  }

  get #isWanted (): boolean {
    return this.#suspendable && this.#wishes.length > 0
  }

  /** Whether anything was new. */
  #look (): boolean {
    const isTold = Atomics.load(this.#control, CONTROL.news) !== 0
    if (isTold) this.#readNews()
    const heard = this.#heard.splice(0)
    for (const news of heard) this.#state?.conversations.hear(news)
    return isTold || heard.length > 0
  }

  #readNews (): void {
    Atomics.store(this.#control, CONTROL.news, 0)
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: Order } | undefined
      if (received === undefined) return
      this.#obey(received.message)
    }
  }

  #obey (order: Order): void {
    const state = this.#state
    switch (order.kind) {
      case 'input': state?.input.add(order.bytes); break
      case 'end-input': state?.input.end(); break
      case 'signal': state?.signals?.push(order.number); break
      case 'talk': this.#heard.push(order.news); break
      case 'drop': this.#onDrop(); break
      case 'end':
        this.tell({ kind: 'ending' })
        throw new ProgramEnd({ signal: order.signal })
      case 'reply':
        if (state?.calling?.requestId === order.requestId) state.reply = order.bytes
        break
      default: this.#wishes.push(order)
    }
  }
}

/** Where the kernel counts this thread's CPU time; undefined: it does not. */
function ownCpuPath (): string | undefined {
  try {
    const path = `/proc/${readlinkSync('/proc/thread-self')}/schedstat`
    readFileSync(path)
    return path
  } catch {
    return undefined
  }
}
