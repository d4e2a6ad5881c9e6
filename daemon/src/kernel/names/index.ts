import { CloudNames, type Names, type NamesPorts } from './names.ts'
import type { NamesOptions } from './options.ts'

export { serveNames } from './calls.ts'
export type { Names } from './names.ts'

/** Names says what names stand for, and keeps bound what this node has bound. */
export function createNames (ports: NamesPorts, options: NamesOptions): Names {
  return new CloudNames(ports, options)
}
