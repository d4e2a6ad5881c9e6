import { CloudError } from '@welkin/interface/errors'
import { F32, F64, I32, I64, nameOfType } from './binary/types.ts'
import type { Value } from './engine.ts'

const view = new DataView(new ArrayBuffer(8))

/** Puts values on a stack of words as the module itself does: the first comes to lie on top. */
export function pushValues (words: number[], types: readonly number[], values: readonly Value[]): void {
  for (const [nth, type] of [...types.entries()].toReversed()) {
    const value = values[nth] as Value
    if (type === I32) words.push(Number(value) | 0)
    else if (type === F32) {
      view.setFloat32(0, Number(value))
      words.push(view.getInt32(0))
    } else {
      if (type === F64) view.setFloat64(0, Number(value))
      else if (type === I64) view.setBigInt64(0, BigInt(value))
      else throw foreign(type)
      words.push(view.getInt32(4), view.getInt32(0))
    }
  }
}

/** Takes values from a stack of words, the first from its top. */
export function popValues (words: number[], types: readonly number[]): Value[] {
  return types.map(type => {
    const top = words.pop() as number
    if (type === I32) return top
    view.setInt32(0, top)
    if (type === F32) return view.getFloat32(0)
    view.setInt32(4, words.pop() as number)
    if (type === F64) return view.getFloat64(0)
    if (type === I64) return view.getBigInt64(0)
    throw foreign(type)
  })
}

/** What an import gives that has only asked for suspension; nobody looks at it. */
export function nothingOf (types: readonly number[]): Value | Value[] | undefined {
  const zeros = types.map(type => type === I64 ? 0n : 0)
  return zeros.length > 1 ? zeros : zeros[0]
}

function foreign (type: number): CloudError {
  return new CloudError('ENOSYS', `Outside of WebAssembly there are no values of ${nameOfType(type)}.`)
}
