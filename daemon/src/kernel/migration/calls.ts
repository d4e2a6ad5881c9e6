import { toHex, type Cancel, type NodeId, type Random } from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'
import type { Access, Calls } from '../../dispatch/index.ts'
import type { Answer } from './lease.ts'
import type { Migration } from './migration.ts'
import type { MigrationPorts } from './ports.ts'
import { sizeUp } from './sizing.ts'

export interface MigrationCallPorts extends MigrationPorts {
  migration: Migration
  access: Access
  calls: Calls
}

/** Serves `migrate`, `checkpoint`, `restore`, `drain`, and what nodes ask of one another for these. */
export function serveMigration (ports: MigrationCallPorts): Cancel[] {
  const { access, calls, migration } = ports
  const { checkpoints, coordinating } = migration
  const random = ports.random.fork('migration ids')
  return [
    calls.serve('migrate', async function * ({ ids, to, near, awayFrom, explain, ...copying }, { caller, signal }) {
      migration.checkStarted()
      const parts = await migration.plan(ids, { to, near, awayFrom }, { caller, signal })
      if (explain) yield * migration.explain(parts, copying, { caller, signal })
      else if (parts.length > 0) yield * coordinating.move(parts, copying, caller, signal)
    }),
    calls.serve('checkpoint', async ({ id }, { signal }) => {
      return await checkpoints.take(await migration.underWay(id, signal))
    }),
    calls.serve('restore', async ({ checkpoint, name, ...wanted }, { caller, signal }) => {
      const id = drawId(random)
      return { id, node: await migration.restore(checkpoint, id, name, wanted, { caller, signal }) }
    }),
    calls.serve('drain', (copying, { caller, signal }) => migration.drain(copying, { caller, signal })),
    calls.serve('move.restore', async ({ checkpoint, object: id, name, chain = [] }, { caller }) => {
      const rights = access.ownerOf(caller, chain)
      await checkpoints.goOn(checkpoint, { id, name, rights, token: drawId(random) })
      return {}
    }),
    ...serveKeepers(ports),
    ...serveSource(ports),
    ...serveTarget(ports)
  ]
}

function serveSource (ports: MigrationCallPorts): Cancel[] {
  const { calls, migration } = ports
  const { coordinating, departures } = migration
  return [
    calls.serve('move.spec', async ({ id }, { signal }) => {
      const { record: { spec } } = await migration.underWay(id, signal)
      return { spec }
    }),
    calls.serve('move.size', async ({ id, to, ...options }) => await sizeUp(ports, id, to, options)),
    calls.serve('move.copy', (request, { caller, signal }) => departures.copy(request, caller, signal)),
    calls.serve('move.stop', async ({ object, move, alone }) => await departures.stop(object, move, alone)),
    calls.serve('move.go', async ({ object, move, verdict }) => {
      migration.checkStarted()
      return await departures.go(object, move, verdict)
    }),
    calls.serve('move.verdict', async ({ move }) => {
      migration.checkStarted()
      return { verdict: coordinating.verdict(move) }
    }),
    calls.serve('move.held', async ({ object, move, lost }) => {
      migration.checkStarted()
      return { held: await departures.held(object, move, lost) }
    })
  ]
}

function serveKeepers ({ calls, migration }: MigrationCallPorts): Cancel[] {
  const { keepers } = migration
  const told = ({ may, node }: { may: Answer, node: NodeId | undefined }): ReplyOf<'keep.renew'> =>
    ({ may, ...node === undefined ? {} : { node } })
  return [
    calls.serve('keep.put', async (put, { caller }) => {
      migration.checkStarted()
      return told(await keepers.put(put, caller))
    }),
    calls.serve('keep.renew', async (renewal, { caller }) => {
      migration.checkStarted()
      return told(await keepers.renew(renewal, caller))
    }),
    calls.serve('keep.yield', async (claim, { caller }) => {
      migration.checkStarted()
      return { granted: await keepers.yield(claim, caller) }
    }),
    calls.serve('keep.end', async (ended, { caller }) => {
      migration.checkStarted()
      await keepers.end(ended, caller)
      return {}
    })
  ]
}

function serveTarget ({ calls, migration }: MigrationCallPorts): Cancel[] {
  const { arrivals } = migration
  return [
    calls.serve('move.offer', async ({ move, source, record }, { caller }) => {
      migration.checkStarted()
      arrivals.offer(move, source, record, caller)
      return {}
    }),
    // By the next three sources tell a state that know nothing of `move.ready`.
    calls.serve('move.lacks', async ({ move, object, pages }, { caller }) => {
      return { lacks: arrivals.lacks(move, object, pages, caller) }
    }),
    calls.serve('move.pages', async ({ move, object }, { caller, input }) => {
      return { pages: await arrivals.take(move, object, input, caller) }
    }),
    calls.serve('move.state', async (state, { caller }) => {
      await arrivals.complete(state, caller)
      return {}
    }),
    calls.serve('move.ready', async (state, { caller, input }) => {
      await arrivals.ready(state, input, caller)
      return {}
    }),
    calls.serve('move.take', async ({ move, object }, { caller }) => {
      migration.checkStarted()
      return { taken: await arrivals.takeOver(move, object, caller) }
    }),
    calls.serve('move.drop', async ({ move, object, settled }, { caller }) => {
      await arrivals.drop(move, object, settled, caller)
      return {}
    })
  ]
}

function drawId (random: Random): string {
  return toHex(random.bytes(16))
}
