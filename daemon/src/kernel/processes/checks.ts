import { encode, type ObjectSpec } from '@welkin/abi'
import { CloudError, type Driver, type NodeId, type ObjectId } from '@welkin/interface'
import { needsSandbox, withSandboxes } from '../../sandboxes.ts'

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

/** Whether there is a driver for it that does what it takes. Throws ENOSYS. */
export function checkDriver (
  drivers: ReadonlyMap<string, Driver>, program: Pick<ObjectSpec['program'], 'driver' | 'input'>,
  wanted: Pick<ObjectSpec, 'isolation' | 'network'> & { checkpoints?: ObjectSpec['checkpoints'] }
): void {
  const driver = drivers.get(program.driver)
  const fields = { driver: program.driver }
  if (driver === undefined) {
    const known = [...drivers.keys()].join(', ')
    throw new CloudError('ENOSYS', `This node has no driver "${program.driver}"; it has ${known}.`, { fields })
  }
  if (program.input && !driver.abilities.input) {
    throw new CloudError('ENOSYS', `Driver ${program.driver} gives its tasks no standard input.`, { fields })
  }
  if (wanted.checkpoints !== undefined && driver.abilities.checkpoint === 'none') {
    throw new CloudError('ENOSYS', `Driver ${program.driver} takes no checkpoints of what it runs.`, { fields })
  }
  if (!needsSandbox(wanted) || driver.abilities.isolation === 'strict') return
  const message = `Driver ${program.driver} of this node makes no sandboxes, which this takes; ` +
    `"welkin measure" says what to install, and "drivers has ${withSandboxes(program.driver)}" finds nodes that do.`
  throw new CloudError('ENOSYS', message, { fields })
}

export function noSuchObject (id: ObjectId): CloudError {
  const message = `No object ${id} is on this node; "welkin ps -a" lists them.`
  return new CloudError('ENOENT', message, { fields: { object: id } })
}

/** `room`: for how many there is some. */
export function noRoom (message: string, fields: { node: NodeId, room: number, count?: number }): CloudError {
  return new CloudError('EAGAIN', message, { fields })
}
