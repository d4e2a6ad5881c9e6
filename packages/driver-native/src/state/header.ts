import { CloudError, PAGE_BYTES, type TaskState } from '@welkin/interface'

const STATE_VERSION = 1
const HEADER_BYTES_MAX = 4096
const HASH = /^[0-9a-f]{64}$/

/** What a program gave as its state, which its pages hold one after the other; the last ends in zeros. */
export interface Header { bytes: number, sha256: string }

export function writeHeader (header: Header): Uint8Array {
  return Buffer.from(JSON.stringify({ version: STATE_VERSION, ...header }))
}

/** Throws EINVAL for what is no header, or not that of so many pages. */
export function readHeader ({ header, pages }: TaskState): Header {
  if (header.byteLength > HEADER_BYTES_MAX) throw foreign('its header is too long')
  const { version, bytes, sha256 } = parse(header)
  if (version !== STATE_VERSION) throw foreign('it is of another version')
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) throw foreign('its size is none')
  if (typeof sha256 !== 'string' || !HASH.test(sha256)) throw foreign('it has no hash')
  if (pages.length !== Math.ceil(bytes / PAGE_BYTES)) throw foreign('pages are missing')
  return { bytes, sha256 }
}

function parse (header: Uint8Array): { version?: unknown, bytes?: unknown, sha256?: unknown } {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header)) ?? {}
  } catch (error) {
    throw foreign('its header cannot be read', error)
  }
}

/** EINVAL, with what is wrong. */
export function foreign (what: string, cause?: unknown): CloudError {
  return new CloudError('EINVAL', `This is no state of a native task: ${what}.`, { cause })
}
