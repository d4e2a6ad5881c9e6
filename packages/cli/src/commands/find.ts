import type { Command } from 'commander'
import { QUERY_LIMITS, type NodeQuery } from '@welkin/abi'
import { ATTRIBUTES, comparedWith } from '@welkin/query'
import type { Connection } from '@welkin/syscalls/connect'
import { COST_COLUMNS, costCells } from '../node/cost.ts'
import { formatNodeState, noteMissing } from '../node/rows.ts'
import { note, print, printJson } from '../print/output.ts'
import { formatTable } from '../print/table.ts'
import { onOneLine } from '../print/words.ts'
import { act, addCloudCommand, inCloud, type CommonOptions } from './command.ts'
import { UsageError } from './usage-error.ts'
import { query as queryText, wholeNumber } from './values.ts'

interface FindOptions extends CommonOptions {
  limit?: number
  site?: boolean
  probes?: number
  attributes?: boolean
}

export function addFind (program: Command): void {
  addCloudCommand(program, 'find',
    'Find nodes by what they have and how far they are, and say what each would cost. RTT is the round trip to where ' +
    'the query wants to be near, else to the node that is asked. The exit status is 1 where nothing is found. ' +
    'docs/find.md explains the language.',
    'welkin find \'cpu.free >= 2 and rtt(n3) < 20ms order by cost limit 5\'',
    'welkin find \'drivers has native order by cost(latency=2, bytes=1G) near local/site2\'',
    'welkin find --attributes')
    .argument('[query]', 'what is looked for; left out: every node', queryText, {})
    .option('--limit <n>', 'so many at the most', wholeNumber(1, QUERY_LIMITS.rowsMax))
    .option('--site', 'only in the site of the node that is asked')
    .option('--probes <n>', 'measure so many round trips now, to be sure who is nearest in an order by rtt',
      wholeNumber(1, 16))
    .option('--attributes', 'list what can be asked of a node')
    .action(act<FindOptions, [NodeQuery]>(find))
}

async function find (options: FindOptions, query: NodeQuery): Promise<number> {
  if (options.attributes) return await printAttributes(options)
  const { limit = query.limit } = options
  if (query.limit !== undefined && query.limit !== limit) {
    throw new UsageError('The query has a limit of its own: leave it out there, or leave out --limit.')
  }
  return await inCloud(options, async cloud => await findIn(cloud, options, { ...query, limit }))
}

async function findIn (cloud: Connection, { json, probes, site }: FindOptions, query: NodeQuery): Promise<number> {
  const found = await cloud.syscalls.find({ query, probes, scope: site ? 'site' : 'cloud' })
  const status = found.rows.length > 0 ? 0 : 1
  if (json) {
    await printJson(found)
    return status
  }
  const rows = found.rows.map(({ node, cost }) =>
    [onOneLine(node.name), node.zone, formatNodeState(node), ...costCells(cost)])
  if (status === 0) await print(formatTable(['NAME', 'ZONE', 'STATE', ...COST_COLUMNS], rows))
  else note(`welkin: ${found.why ?? 'Nothing was found.'}`)
  noteMissing(found)
  return status
}

async function printAttributes ({ json }: FindOptions): Promise<number> {
  const attributes = Array.from(ATTRIBUTES, ([name, attribute]) =>
    ({ name, kind: attribute.kind, comparedWith: comparedWith(attribute), about: attribute.about }))
  if (json) await printJson({ attributes })
  else {
    const rows = attributes.map(({ name, about, comparedWith: value }) => [name, value, about])
    await print(formatTable(['ATTRIBUTE', 'COMPARED WITH', 'WHAT IT IS'], rows))
  }
  return 0
}
