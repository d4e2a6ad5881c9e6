import type { CallContext } from '../../src/wasi/context.ts'
import { GuestMemory } from '../../src/wasi/guest-memory.ts'
import { createImports } from '../../src/wasi/imports.ts'
import type { Outside, SystemCall, Waited } from '../../src/wasi/outside.ts'
import type { TalkOrder } from '../../src/wasi/talk/messages.ts'
import { createProgramState, type ProgramState } from '../../src/wasi/program-state.ts'

export const AGAIN = 'again'
export const OBJECT = '0'.repeat(32)

export type Calls = Record<string, Record<string, (...args: unknown[]) => unknown>>

/** A program's surroundings without a program: its memory, and a world whose time a spec sets. */
export class World implements Outside {
  readonly memory = { buffer: new ArrayBuffer(65_536) }
  readonly guest = new GuestMemory(() => this.memory)
  readonly written = { stdout: '', stderr: '' }
  readonly waits: Array<bigint | undefined> = []
  readonly called: SystemCall[] = []
  readonly said: TalkOrder[] = []
  nowNs = 1_000_000_000n
  suspends = false
  room = 1 << 20
  /** What happens while the program waits. */
  onWait: () => Waited = () => 'time'
  readonly state: ProgramState
  readonly calls: Calls
  readonly wasi: Calls[string]

  constructor (state?: ProgramState) {
    this.state = state ?? createProgramState({ args: ['prog', 'ä b'], environment: ['A=1'], object: OBJECT }, {}, this)
    const context: CallContext = { memory: this.guest, state: this.state, outside: this }
    this.calls = createImports(context, AGAIN) as Calls
    this.wasi = this.calls['wasi_snapshot_preview1'] as Calls[string]
  }

  wallNs (): bigint { return this.nowNs + 1_700_000_000_000_000_000n }
  monotonicNs (): bigint { return this.nowNs }
  cpuNs (): bigint { return this.nowNs / 2n }
  random (into: Uint8Array): void { into.fill(7) }
  took (): void {}
  wantsSuspension (): boolean { return this.suspends }
  roomBytes (): number { return this.room }
  handlesSignals (): void {}
  call (call: SystemCall): void { this.called.push(call) }
  talk (order: TalkOrder): void { this.said.push(order) }

  write (stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.written[stream] += new TextDecoder().decode(bytes)
  }

  wait (untilNs: bigint | undefined): Waited {
    this.waits.push(untilNs)
    return this.onWait()
  }

  /** Makes a call by its name. */
  wasiCall (name: string, ...args: unknown[]): unknown {
    return this.wasi[name]?.(...args)
  }

  /** Puts text into the memory; gives where and how long. */
  put (pointer: number, text: string): [pointer: number, length: number] {
    return [pointer, this.guest.putText(pointer, text, Infinity)]
  }
}
