import type { Mailbox } from '@welkin/async'
import { CloudError, type CloudEvent } from '@welkin/interface'

const UNREAD_MAX = 10_000

/** A listener that cannot keep up is told so (EAGAIN) rather than served from ever more memory. */
export function putBounded (unread: Mailbox<CloudEvent>, event: CloudEvent): void {
  if (unread.size < UNREAD_MAX) unread.put(event)
  else {
    const message = `More than ${UNREAD_MAX} events were not read; read faster, or ask for fewer types.`
    unread.fail(new CloudError('EAGAIN', message))
  }
}
