import { Mailbox } from '@welkin/async'
import { CloudError, isCloudError, type Cancel, type CloudEvent, type Events, type Logger, type Membership } from '@welkin/interface'
import type { CallContext, Calls } from '../../dispatch/index.ts'

const UNREAD_MAX = 10_000

export interface EventCallPorts { calls: Calls, events: Events, membership: Membership, log: Logger }

/** Serves `events`: this node's own, or those of every node it knows, merged as they come. */
export function serveEvents (ports: EventCallPorts): Cancel {
  return ports.calls.serve('events', async function * ({ scope, types, follow }, context) {
    const wanted = (event: CloudEvent): boolean => types === undefined || types.includes(event.type)
    const source = scope === 'node' ? own(ports.events, follow, context) : everywhere(ports, follow, context)
    for await (const event of source) if (wanted(event)) yield event
  })
}

async function * own (events: Events, follow: boolean, { signal }: CallContext): AsyncGenerator<CloudEvent> {
  const unread = new Mailbox<CloudEvent>()
  const cancel = follow ? events.subscribe(event => { putBounded(unread, event) }) : () => {}
  const end = (): void => unread.end()
  signal.addEventListener('abort', end, { once: true })
  try {
    yield * events.recent()
    if (follow) yield * unread
  } finally {
    cancel()
    signal.removeEventListener('abort', end)
  }
}

/** Old news come in order of time; what follows comes as it happens. Nodes that do not answer are left out, with a note in the log. */
async function * everywhere (ports: EventCallPorts, follow: boolean, context: CallContext): AsyncGenerator<CloudEvent> {
  const { calls, membership, log } = ports
  const nodes = membership.nodes().filter(node => node.state === 'up')
  const unread = new Mailbox<CloudEvent>()
  const leave = new AbortController()
  const end = (): void => leave.abort(new CloudError('ECANCELED', 'Nobody listens any more.'))
  context.signal.addEventListener('abort', end, { once: true })
  const watching = Promise.all(nodes.map(async ({ id }) => {
    try {
      for await (const event of calls.at(id, context).events({ scope: 'node', follow }, { signal: leave.signal })) putBounded(unread, event)
    } catch (error) {
      if (!isCloudError(error)) throw error
      if (error.code !== 'ECANCELED') log.debug('events.node_left_out', { node: id, code: error.code })
    }
  })).then(() => { unread.end() })
  try {
    if (follow) yield * unread
    else {
      const old: CloudEvent[] = []
      for await (const event of unread) old.push(event)
      yield * old.toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
    }
  } finally {
    context.signal.removeEventListener('abort', end)
    end()
    await watching
  }
}

/** A listener that cannot keep up is told so rather than served from ever more memory. */
function putBounded (unread: Mailbox<CloudEvent>, event: CloudEvent): void {
  if (unread.size < UNREAD_MAX) unread.put(event)
  else unread.fail(new CloudError('EAGAIN', `More than ${UNREAD_MAX} events were not read; read faster, or ask for fewer types.`))
}
