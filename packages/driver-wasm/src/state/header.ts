import type { BlobId, TaskState } from '@welkin/interface'
import { CloudError } from '@welkin/interface/errors'
import { PAGE_BYTES } from './page-bytes.ts'

export const STATE_VERSION = 2

/** How the pages of a state are to be read. */
export interface Header {
  version: typeof STATE_VERSION
  /** SHA-256 of the module as it was given, and where it was made suspendable. */
  program: string
  points: 'calls' | 'anywhere'
  memoryPages: number
  /** Whole pages of files, which follow; then comes the body, in as many pages as it takes. */
  filePages: number
  bodyBytes: number
  /** SHA-256 of the pages' names, so that what belongs together stays together. */
  pages: string
}

const HASH = /^[0-9a-f]{64}$/
const HEADER_BYTES_MAX = 4096
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

export function writeHeader (header: Header): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header))
}

/** Throws EINVAL for what is no header, or not that of these pages. */
export function readHeader (
  { header: bytes, pages }: TaskState, digest: (pages: ReadonlyArray<BlobId | ''>) => string
): Header {
  const header = parse(bytes)
  const bodyPages = Math.ceil(header.bodyBytes / PAGE_BYTES)
  if (!pages.every(page => page === '' || HASH.test(page))) throw foreign('a page has no name')
  if (header.memoryPages + header.filePages + bodyPages !== pages.length) throw foreign('pages are missing')
  if (digest(pages) !== header.pages) throw foreign('its pages are those of another state')
  return header
}

function parse (bytes: Uint8Array): Header {
  if (bytes.byteLength > HEADER_BYTES_MAX) throw foreign('its header is too long')
  let header: Partial<Header> | null
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Header> | null
  } catch {
    throw foreign('its header cannot be read')
  }
  const { version, program, points, memoryPages, filePages, bodyBytes, pages } = header ?? {}
  if (version !== STATE_VERSION) throw foreign('it is of another version')
  if (typeof program !== 'string' || !HASH.test(program)) throw foreign('it names no program')
  if (typeof pages !== 'string') throw foreign('it does not tell its pages')
  if (points !== 'calls' && points !== 'anywhere') throw foreign('it does not say where it was suspended')
  if (!isCount(memoryPages) || !isCount(filePages) || !isCount(bodyBytes)) throw foreign('its sizes are none')
  return { version, program, points, memoryPages, filePages, bodyBytes, pages }
}

/** EINVAL, with what is wrong. */
export function foreign (what: string, cause?: unknown): CloudError {
  return new CloudError('EINVAL', `This is no state of a WebAssembly task: ${what}.`, { cause })
}
