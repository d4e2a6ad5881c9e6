import { rowOf, type CallName, type Row } from '@welkin/abi'
import {
  canonicalName, CloudError, isCloudError, type Cancel, type Logger, type Membership
} from '@welkin/interface'
import {
  askNodes, nameResource, type Access, type Caller, type Calls, type CallContext, type Locator
} from '../../dispatch/index.ts'
import { resolveNode } from '../../resolve-node.ts'
import type { Subject } from './entry.ts'
import type { Names } from './names.ts'
import type { StandingRecord } from './standing-entry.ts'
import { Watching } from './watching.ts'

export interface NameCallPorts {
  access: Access
  calls: Calls
  locator: Locator
  log: Logger
  membership: Membership
  names: Names
  cloud: string
}

type Target = { object: string } | { node: string } | { blob: string } | { alias: string }

/** Serves the names family. */
export function serveNames (ports: NameCallPorts): Cancel[] {
  const { access, calls, names } = ports
  /** Throws EACCES. */
  const check = async (call: CallName, caller: Caller, name: string): Promise<void> => {
    await access.check(caller, { name: call, row: rowOf(call) as Row }, nameResource(name))
  }
  const resolve = async (
    text: string, chain: readonly Uint8Array[], options: { fresh?: boolean, signal?: AbortSignal }
  ): Promise<StandingRecord> => {
    const [first, second] = names.fullNames(text, chain) as [string, string?]
    const found = await names.standing(first, options)
    return found.entries.length > 0 || second === undefined ? found : await names.standing(second, options)
  }

  return [
    calls.serve('name.bind', async ({ name: text, to, ...rest }, { caller, signal }) => {
      const chain = access.chainOfNames(caller)
      const [name] = names.fullNames(text, chain) as [string]
      await check('name.bind', caller, name)
      const subject = await subjectOf(ports, to, signal)
      const { entry, holders } = await names.bind({ ...rest, name, subject, chain }, { signal })
      return { name, untilMs: entry.untilMs, holders }
    }),
    calls.serve('name.unbind', async ({ name: text, to }, { caller, signal }) => {
      const chain = access.chainOfNames(caller)
      const [name] = names.fullNames(text, chain) as [string]
      await check('name.unbind', caller, name)
      const wanted = to === undefined ? undefined : idOf(to)
      const isMeant = ({ subject: { id } }: { subject: Subject }): boolean =>
        wanted === undefined || id.startsWith(wanted)
      return { name, removed: await names.unbind(name, isMeant, chain, { signal }) }
    }),
    calls.serve('name.resolve', async ({ name, fresh }, { caller, signal }) => {
      const record = await resolve(name, access.chainOfNames(caller), { fresh, signal })
      if (record.entries.length > 0) return record
      throw new CloudError('ENOENT', `There is nothing by the name ${record.name}; see "welkin name ls".`, {
        fields: { name: record.name }
      })
    }),
    calls.serve('name.list', async ({ under = ports.cloud, here }, context) => {
      const [domain] = names.fullNames(under, access.chainOfNames(context.caller)) as [string]
      return here ? { names: names.held(domain), silent: [] } : await listEverywhere(ports, domain, context)
    }),
    calls.serve('name.watch', async function * ({ names: first }, { caller, signal, input }) {
      const chain = access.chainOfNames(caller)
      const watching = new Watching({
        resolve: async asked => await resolve(asked, chain, {}),
        watch: (asked, listener) => {
          const cancels = names.fullNames(asked, chain).map(name => names.watch(name, listener))
          return () => { for (const cancel of cancels) cancel() }
        }
      })
      for (const name of first) watching.add(name)
      void follow(input, watching)
      yield * watching.tell(signal)
    })
  ]
}

/** Whoever sends no more watches on. */
async function follow (
  input: AsyncIterable<{ watch?: string[] | undefined, forget?: string[] | undefined }>, watching: Watching
): Promise<void> {
  try {
    for await (const { watch = [], forget = [] } of input) {
      for (const name of forget) watching.remove(name)
      for (const name of watch) watching.add(name)
    }
  } catch (error) {
    if (!isCloudError(error)) throw error
    watching.end(error)
  }
}

/** What a name is to stand for, by its whole id. Rejects ENOENT, EINVAL, EHOSTDOWN. */
async function subjectOf (
  { locator, membership }: NameCallPorts, to: Target, signal: AbortSignal
): Promise<Subject> {
  if ('object' in to) {
    const { id, node } = await locator.locate(to.object, { signal })
    return { kind: 'object', id, node }
  }
  if ('node' in to) return { kind: 'node', id: resolveNode(await membership.everyone({ signal }), to.node).id }
  if ('blob' in to) return { kind: 'blob', id: to.blob }
  return { kind: 'alias', id: canonicalName(to.alias) }
}

function idOf (to: Target): string {
  return Object.values(to)[0] as string
}

/** Every holder tells what it keeps; of one name, whoever knows most. */
async function listEverywhere (
  { calls, log, membership, names }: NameCallPorts, domain: string, { signal }: CallContext
): Promise<{ names: StandingRecord[], silent: string[] }> {
  const { nodes, silent: silentSites } = await membership.everyone({ signal })
  const { answers, silent } = await askNodes(nodes.filter(({ state }) => state === 'up'), async ({ id }, options) => {
    if (id === membership.self) return names.held(domain)
    return (await calls.at(id).name.list({ under: domain, here: true }, options)).names
  }, { log, signal })
  const best = new Map<string, StandingRecord>()
  for (const record of answers.flat()) {
    const known = best.get(record.name)
    if (known === undefined || untilOf(record) > untilOf(known)) best.set(record.name, record)
  }
  return {
    names: [...best.values()].toSorted((a, b) => a.name < b.name ? -1 : 1),
    silent: [...silentSites, ...silent.map(({ name }) => name)].toSorted()
  }
}

function untilOf ({ entries }: StandingRecord): number {
  return entries.reduce((sum, { untilMs }) => sum + untilMs, 0)
}
