import { Mailbox } from '@welkin/async'
import { CloudError, onAbort, type Cancel, type CloudEvent, type Events } from '@welkin/interface'
import { askNodes, type Access, type Caller } from '../../dispatch/index.ts'
import { isAudit } from './event-log.ts'
import { FollowedCloud, type FollowedCloudPorts } from './followed-cloud.ts'
import { nodeEvents } from './node-events.ts'
import { putBounded } from './put-bounded.ts'

/** Serves `events`: this node's own, or those of every node it knows, merged as they come. */
export function serveEvents ({ access, ...ports }: FollowedCloudPorts & { access: Access }): Cancel {
  const { calls, events } = ports
  const random = ports.random.fork('events')
  return calls.serve('events', async function * ({ scope, types, follow }, { caller, signal }) {
    checkWanted(access, caller, types)
    if (scope === 'cloud' && follow) yield * new FollowedCloud({ ...ports, random }, types).tell(signal)
    else if (scope === 'cloud') yield * lately(ports, types, signal)
    else {
      for await (const event of own(events, follow, signal)) {
        if (types === undefined ? !isAudit(event.type) : types.includes(event.type)) yield event
      }
    }
  })
}

/** What was refused to whom is not for everybody. Throws EACCES. */
function checkWanted (access: Access, caller: Caller, types: readonly string[] = []): void {
  if (!types.some(isAudit) || access.maySee(caller, 'access.audit', { names: [] })) return
  throw new CloudError('EACCES', 'You may not see the audit: that takes "access.audit", which administrators have.')
}

async function * own (events: Events, follow: boolean, signal: AbortSignal): AsyncGenerator<CloudEvent> {
  const unread = new Mailbox<CloudEvent>()
  const cancels = follow
    ? [events.subscribe(event => { putBounded(unread, event) }), onAbort(signal, () => { unread.end() })]
    : []
  try {
    yield * events.recent()
    if (follow) yield * unread
  } finally {
    for (const cancel of cancels) cancel()
  }
}

/** In order of time. Nodes that do not answer are left out, with a note in the log. */
async function * lately (
  { calls, log, membership }: FollowedCloudPorts, types: string[] | undefined, signal: AbortSignal
): AsyncGenerator<CloudEvent> {
  const { nodes } = await membership.everyone({ signal })
  const { answers } = await askNodes(nodes, async ({ id }, options) => {
    const told: CloudEvent[] = []
    for await (const event of nodeEvents(calls, id, { types, follow: false }, options)) told.push(event)
    return told
  }, { log, signal })
  yield * answers.flat().toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
}
