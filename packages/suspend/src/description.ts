import { NAMESPACE } from './layout.ts'

/** Types of a function's parameters and results, by their bytes. */
export type Signature = readonly [params: readonly number[], results: readonly number[]]

/** What an instrumented module says of itself, in a custom section, so that it needs no company. */
export interface Description {
  /** Changes when the module does: a state fits the module that it was taken from. */
  readonly fingerprint: string
  /** The imports that may suspend. */
  readonly imports: ReadonlyArray<readonly [module: string, name: string, ...Signature]>
  /** The functions that the module exports. */
  readonly exports: Readonly<Record<string, Signature>>
  /** How many tables can change, and are part of a state. */
  readonly tables: number
  readonly hasStart: boolean
}

const UTF8 = { read: new TextDecoder(), write: new TextEncoder() }

export function writeDescription (description: Description): Uint8Array {
  return UTF8.write.encode(JSON.stringify(description))
}

/** Undefined: the module was not made suspendable. */
export function describe (module: WebAssembly.Module): Description | undefined {
  const [section] = WebAssembly.Module.customSections(module, NAMESPACE)
  return section === undefined ? undefined : JSON.parse(UTF8.read.decode(section)) as Description
}

/** Tells modules apart that nobody made alike on purpose; two FNV-1a sums over alternate bytes. */
export function fingerprintOf (bytes: Uint8Array): string {
  let even = 0x811c9dc5
  let odd = 0x9dc5811c
  for (let at = 0; at < bytes.length; at += 2) {
    even = Math.imul(even ^ bytes[at] as number, 0x0100_0193)
    odd = Math.imul(odd ^ (bytes[at + 1] ?? 0), 0x0100_0193)
  }
  return [even, odd, bytes.length].map(sum => (sum >>> 0).toString(16).padStart(8, '0')).join('')
}
