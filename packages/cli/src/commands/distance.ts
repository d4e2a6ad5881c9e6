import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import type { NodeView } from '../node/rows.ts'
import { formatAge, formatRtt } from '../print/durations.ts'
import { print, printJson } from '../print/output.ts'
import { formatRate } from '../print/sizes.ts'
import { formatCount, formatShare, onOneLine } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

/** One end: what it was called, and the node that goes by it, where one does. */
interface End { ref: string, node: NodeView | undefined }

export function addDistance (program: Command): void {
  addCloudCommand(program, 'distance',
    'Say how far apart two places are. A place is a node, an object or a zone; one alone is measured from the node ' +
    'that is asked. The exit status is 1 where nothing is known.',
    'welkin distance n4', 'welkin distance n1 local/site2')
    .argument('<place>', 'from there, or to there where it stands alone')
    .argument('[to]', 'to there')
    .action(actInCloud<object, [string, string | undefined]>(distance))
}

async function distance (
  cloud: Connection, { json }: CommonOptions, first: string, second: string | undefined
): Promise<number> {
  const [{ node: self }, { nodes }] = await Promise.all([cloud.syscalls.whoami({}), cloud.syscalls.nodes({})])
  const endOf = (ref: string): End => ({ ref, node: nodes.find(({ id, name }) => id === ref || name === ref) })
  const [from, to] = second === undefined ? [endOf(self), endOf(first)] : [endOf(first), endOf(second)]
  const reply = await ask(cloud, from, to)
  if (json) await printJson(reply)
  else await print(`${formatDistance(from, to, reply)}\n`)
  return reply.rttMs === undefined ? 1 : 0
}

/** A node knows its own ways best: where the distance begins at one that is up, that one is asked. */
async function ask (cloud: Connection, from: End, to: End): Promise<ReplyOf<'distance'>> {
  const { distance: call } = cloud.syscalls
  if (from.node?.state !== 'up') return await call({ from: from.ref, to: to.ref })
  return await call({ to: to.ref }, { node: from.node.id })
}

/** `n1 - n4: 31.2 ms ± 0.6 (measured 3s ago); loss 0 % of 120 requests; 94 MiB/s` */
export function formatDistance (from: End, to: End, { rttMs, errorMs, ageMs = 0, way }: ReplyOf<'distance'>): string {
  const { rtt, loss, bandwidth } = way ?? {}
  const how = rtt?.value === rttMs ? 'measured' : 'estimated'
  const parts = [
    rttMs === undefined ? whyUnknown(from, to) : `${formatRtt(rttMs, errorMs)} (${how} ${formatAge(ageMs)} ago)`,
    loss === undefined ? [] : `loss ${formatShare(loss.value)} of ${formatCount(loss.samples, 'request')}`,
    bandwidth === undefined ? [] : formatRate(bandwidth.value)
  ]
  return `${nameOf(from)} - ${nameOf(to)}: ${parts.flat().join('; ')}`
}

function whyUnknown (from: End, to: End): string {
  const down = [from, to].find(({ node }) => node?.state === 'down')
  return down === undefined ? 'unknown, since nothing was measured yet' : `unknown, since ${nameOf(down)} is down`
}

function nameOf ({ ref, node }: End): string {
  return onOneLine(node?.name ?? ref)
}
