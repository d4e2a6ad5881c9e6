import { setMaxListeners } from 'node:events'
import { runDaemon, type DaemonOptions, type NodeFile, type RunningDaemon } from '@welkin/daemon/real'
import { connect } from '@welkin/syscalls/connect'
import { answerParent } from '../child.ts'
import { countSent } from './sockets.ts'
import type { Change, Sight } from './views.ts'

/** Daemons that are to run in one process. */
export interface Start {
  daemons: DaemonOptions[]
  /** By which they join; undefined: the first of them is the first of all, and invites the others. */
  ticket: string | undefined
  /** How often their views are looked at. */
  lookPeriodMs: number
}

/** `tell`: how the views of the process's nodes have changed since last time, or what it has sent so far. */
export type DaemonsQuestion = { start: Start } | { tell: 'changes' | 'sent' }

/** A daemon, and how its node was last seen to see the others. */
interface Watched { daemon: RunningDaemon, sights: Map<string, Sight> }

const TICKET_USES = 10_000
const sent = countSent()
const watched: Watched[] = []
let changes: Change[] = []

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async (question: DaemonsQuestion) => {
  if ('start' in question) return await start(question.start)
  if (question.tell === 'sent') return sent()
  const told = changes
  changes = []
  return told
})

async function start ({ daemons, ticket: given, lookPeriodMs }: Start): Promise<{ infos: NodeFile[], ticket: string }> {
  setInterval(look, lookPeriodMs)
  let ticket = given
  for (const options of daemons) {
    const daemon = await runDaemon({ ...options, ticket })
    watched.push({ daemon, sights: new Map() })
    ticket ??= await invite(daemon)
  }
  return { infos: watched.map(({ daemon: { info } }) => info), ticket: ticket as string }
}

async function invite ({ info: { socket } }: RunningDaemon): Promise<string> {
  const { syscalls, close } = await connect({ socket })
  const { ticket } = await syscalls.invite({ uses: TICKET_USES, role: 'admin' })
  close()
  return ticket
}

function look (): void {
  const atMs = Date.now()
  for (const { daemon: { info: { name: observer }, node }, sights } of watched) {
    for (const { name: subject, state, suspected } of node.membership.nodes()) {
      const sight = state === 'up' && suspected === true ? 'suspected' : state
      if (sights.get(subject) === sight) continue
      sights.set(subject, sight)
      changes.push({ atMs, observer, subject, sight })
    }
  }
}
