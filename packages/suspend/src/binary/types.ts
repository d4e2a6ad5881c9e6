/** The types of values, by their bytes. */
export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const V128 = 0x7b
export const FUNCREF = 0x70
export const EXTERNREF = 0x6f

const NAMES: Readonly<Record<number, string>> = {
  [I32]: 'i32', [I64]: 'i64', [F32]: 'f32', [F64]: 'f64', [V128]: 'v128', [FUNCREF]: 'funcref',
  [EXTERNREF]: 'externref'
}

export interface FunctionType { readonly params: readonly number[], readonly results: readonly number[] }

export const NOTHING: FunctionType = { params: [], results: [] }

export function nameOfType (type: number): string {
  return NAMES[type] ?? `type 0x${type.toString(16)}`
}

export function isKnownType (type: number): boolean {
  return NAMES[type] !== undefined
}

/** References mean something within one instance only. */
export function isReference (type: number): boolean {
  return type === FUNCREF || type === EXTERNREF
}

/** The same for types that are the same, which may have several numbers. */
export function keyOfType ({ params, results }: FunctionType): string {
  return `${params.join()}:${results.join()}`
}
