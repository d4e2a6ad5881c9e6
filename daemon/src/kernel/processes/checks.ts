import { encode, type ObjectSpec } from '@welkin/abi'
import { CloudError, type ObjectId } from '@welkin/interface'

const SPEC_BYTES_MAX = 64 << 20

/** Each object keeps its spec, so that many objects of a large one would fill the disk. */
export function checkBytes (spec: ObjectSpec, count: number): void {
  const bytes = encode(spec).byteLength * count
  if (bytes <= SPEC_BYTES_MAX) return
  const message = `The specs of ${count} objects take ${bytes} bytes; put what is large into a blob, as a file.`
  throw new CloudError('E2BIG', message, { fields: { bytes, bytesMax: SPEC_BYTES_MAX } })
}

export function checkUnique (objects: ReadonlyArray<{ id: ObjectId }>): void {
  if (new Set(objects.map(({ id }) => id)).size === objects.length) return
  throw new CloudError('EINVAL', 'An object id stands twice in one request; draw one for each object.')
}
