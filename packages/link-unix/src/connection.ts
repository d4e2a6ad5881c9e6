import type { CloudError, Link } from '@welkin/interface'
import type { Wire } from '@welkin/wire'

/** One connection, as seen from either end. */
export interface UnixConnection {
  /** Calls to the other end; ENOSYS where that serves none. */
  readonly link: Link
  /** Settles once, with why it ended; never rejects. */
  readonly closed: Promise<CloudError>
  /** Sends what is queued and ends it; calls without an answer reject ECONNRESET. */
  close (): void
}

export function connectionOf (wire: Wire): UnixConnection {
  return { link: wire, closed: wire.closed, close: () => wire.close() }
}
