import { decode, encode } from '@welkin/abi'
import { concatBytes } from '@welkin/async'
import {
  CloudError, isCloudError, PAGE_BYTES, toHex, type BlobId, type Keys, type OutputPosition, type TaskCapture,
  type TaskState
} from '@welkin/interface'

const FORMAT = 1

/** A module's state in pages, the last filled up with zeros. */
export class ModuleState implements TaskCapture {
  readonly header: Uint8Array
  readonly pages: BlobId[]
  readonly output: OutputPosition
  readonly #contents = new Map<BlobId, Uint8Array>()

  constructor (argv: readonly string[], bytes: Uint8Array, output: OutputPosition, keys: Pick<Keys, 'digest'>) {
    this.header = encode([FORMAT, argv, bytes.byteLength])
    this.output = output
    this.pages = Array.from({ length: pagesOf(bytes.byteLength) }, (_none, nth) => {
      const content = new Uint8Array(PAGE_BYTES)
      content.set(bytes.subarray(nth * PAGE_BYTES, (nth + 1) * PAGE_BYTES))
      const page = toHex(keys.digest().update(content).done())
      this.#contents.set(page, content)
      return page
    })
  }

  readonly read = (page: BlobId): Uint8Array => {
    const content = this.#contents.get(page)
    if (content === undefined) throw new CloudError('ENOENT', `This state has no page ${page}, or was taken again.`)
    return content
  }

  /** Another has taken its place. */
  release (): void {
    this.#contents.clear()
  }
}

/** The bytes that a module of these arguments gave. Rejects EINVAL (not of this program, or not whole), as `read`. */
export async function readState (
  argv: readonly string[], { header, pages }: TaskState, read: (page: BlobId) => Promise<Uint8Array>
): Promise<Uint8Array> {
  const [format, of, sizeBytes] = decodeHeader(header)
  const isItsOwn = Array.isArray(of) && of.length === argv.length && argv.every((word, at) => word === of[at])
  const isWhole = typeof sizeBytes === 'number' && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 &&
    pagesOf(sizeBytes) === pages.length
  if (format !== FORMAT || !isItsOwn || !isWhole) throw foreign()
  const contents = await Promise.all(pages.map(async page => page === '' ? new Uint8Array(PAGE_BYTES) : read(page)))
  if (contents.some(({ byteLength }) => byteLength !== PAGE_BYTES)) throw foreign()
  return concatBytes(contents).subarray(0, sizeBytes)
}

/** At least one, so that a state is never empty. */
function pagesOf (bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE_BYTES))
}

function decodeHeader (header: Uint8Array): unknown[] {
  try {
    const whole = decode(header)
    return Array.isArray(whole) ? whole : []
  } catch (error) {
    if (isCloudError(error, 'EPROTO')) return []
    throw error
  }
}

function foreign (): CloudError {
  return new CloudError('EINVAL', 'This is no whole state of this built-in module with these arguments.')
}
