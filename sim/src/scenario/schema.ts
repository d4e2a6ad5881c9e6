import { CloudError, isZone } from '@welkin/interface'
import { checkLinkTable, LINK_PROFILES, type LinkTable } from '@welkin/links'
import { z } from 'zod'
import type { ScenarioContents } from './contents.ts'
import { FAULT_KINDS, FAULT_NAMES, SWARM_NAMES, type FaultName } from '../faults/index.ts'
import { span } from './units.ts'

const count = z.number().int().min(1)

const label = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be of lower case letters, digits and -')

/** A table of links; `matrixFile` has the round-trip times, for as many nodes as there will be. */
interface LinksDescription extends LinkTable { matrixFile?: string }

const topology = z.strictObject({
  /** How many, or each by its name. */
  sites: z.union([
    count.max(10_000),
    z.array(z.strictObject({ name: label, racks: count.default(1), nodes: count })).min(1)
  ]).default(1),
  /** In each site. */
  racks: count.max(1000).default(1),
  /** In each rack. */
  nodes: count.max(100_000).default(3),
  /** By zone, or `all`. */
  power: z.record(
    z.string().refine(zone => zone === 'all' || isZone(zone), 'must be a zone, or all'),
    z.strictObject({ ups: span.prefault('0s'), generator: span.optional() })
  ).default({}),
  /** The name of a profile, or a table of links, whose `matrix` may be a file. */
  links: z.union([z.enum(LINK_PROFILES), z.looseObject({})]).default('datacenter')
    .transform((links, context): LinksDescription => {
      try {
        if (typeof links === 'string') return checkLinkTable({ profile: links })
        const { matrix: matrixFile, ...table } = links
        return typeof matrixFile === 'string' ? { ...checkLinkTable(table), matrixFile } : checkLinkTable(links)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    }),
  machine: z.strictObject({
    cpuCount: count.exactOptional(), memoryBytes: count.exactOptional(), diskBytes: count.exactOptional()
  }).default({})
})

/** A node, a zone, `one node`, `one rack`, `one site`, or `10%`; or several of these. */
const target = z.union([z.string(), z.array(z.string()).min(1)])

const when = { at: span, for: span.optional(), of: target.optional(), between: z.array(target).min(2).optional() }

const fault = z.discriminatedUnion('fault', FAULT_NAMES.map(name =>
  z.strictObject({ fault: z.literal(name), ...when, ...FAULT_KINDS[name].settings.shape })
) as unknown as [z.ZodObject<{ fault: z.ZodLiteral<FaultName> } & typeof when>])

const tasks = z.strictObject({
  /** By each node, Poisson. */
  perNodeAndMinute: z.number().min(0).max(1000).default(1),
  /** Mean, exponential. */
  runs: span.prefault('20s'),
  cpu: z.number().min(0).default(0.1),
  memory: z.number().min(0).default(2 ** 20),
  /** The share that asks for restarts. */
  restarts: z.number().min(0).max(1).default(0.5),
  /** A call spawns so many. */
  together: count.max(1000).default(1)
})

const file = z.string().min(1)

/** Of jobs that are played in another time than that they come from. */
const jobs = {
  /** So many times faster than they were. */
  compress: z.number().positive().default(1),
  /** What would run longer, when it is compressed, runs so long. */
  longest: span.prefault('5m'),
  /** The share that asks for restarts. */
  restarts: z.number().min(0).max(1).default(0)
}

/** Jobs that were: a trace in the Standard Workload Format. */
const trace = z.strictObject({
  file,
  ...jobs,
  /** What came before, in the trace's own time since its first job, is left out. */
  from: span.prefault('0s'),
  /** CPUs of each processor that a job had. */
  cpu: z.number().positive().default(1)
})

/** Jobs as they are: drawn from histograms. */
const histograms = z.strictObject({
  file,
  ...jobs,
  /** By each node, Poisson. */
  perNodeAndMinute: z.number().min(0).max(1000).default(1),
  /** Of each core. */
  flopsPerSecond: z.number().positive().default(3e9),
  /** Default: all. */
  classes: z.array(z.string()).min(1).optional()
})

/** Nodes that are not there at the start. */
const joins = z.strictObject({
  /** Of all nodes; they join at any time. */
  share: z.number().min(0).max(1).optional(),
  /** So many join, Poisson, until faults stop. */
  perMinute: z.number().positive().max(10_000).optional()
}).refine(({ share, perMinute }) => (share === undefined) !== (perMinute === undefined),
  'must have either share or perMinute').transform(({ share = 0, perMinute }) => ({ share, perMinute }))

/** Names that are put and looked up; in virtual time alone. */
const names = z.strictObject({
  count: count.max(1_000_000).default(100),
  /** Looks and puts, Poisson, all nodes together. */
  perMinute: z.number().positive().max(1_000_000).default(60),
  /** Of these, the share that puts a newer version. */
  puts: z.number().min(0).max(1).default(0.1),
  /** The share of the looks that must find at the first try what was put last. */
  rightAtLeast: z.number().min(0).max(1).default(0)
})

const scenario = z.strictObject({
  name: label,
  about: z.string().min(1),
  /** Why it cannot be played yet. */
  pending: z.string().optional(),
  topology: topology.prefault({}),
  /** Nodes belong to it by certificates, and calls need capabilities; else it is open. */
  guarded: z.boolean().default(false),
  /** Options of every node. */
  node: z.looseObject({}).default({}),
  workload: z.strictObject({
    tasks: tasks.prefault({ perNodeAndMinute: 0 }),
    trace: trace.optional(),
    histograms: histograms.optional(),
    joins: joins.prefault({ share: 0 }),
    names: names.optional(),
    /** Finds by each node in a minute, on average. */
    looks: z.number().min(0).default(0),
    /** Objects that each node moves in a minute, on average. */
    moves: z.number().min(0).default(0)
  }).prefault({}),
  /** Nodes are switched on within this time. */
  join: span.prefault('5s'),
  /** From when all nodes have joined until faults stop. */
  until: span.prefault('3m'),
  faults: z.array(fault).default([]),
  /** Faults by chance: the seed draws which kinds, and how often. */
  swarm: z.strictObject({
    every: span.prefault('15s'),
    kinds: z.array(z.enum(FAULT_NAMES as [FaultName, ...FaultName[]])).min(1).default(SWARM_NAMES)
  }).optional(),
  /** The cloud has so long to be of one mind, when faults have stopped. */
  converge: span.prefault('2m'),
  /** All tasks have so long to end then. */
  end: span.prefault('10m'),
  /** Nobody may be held to be down who is not. */
  noFalseDowns: z.boolean().default(false)
})

/** A scenario is whole when it has the contents of the files that it names. */
export type ScenarioDescription = z.output<typeof scenario> & { contents: ScenarioContents }
export type TopologyDescription = ScenarioDescription['topology']
export type TasksDescription = ScenarioDescription['workload']['tasks']
export type TraceDescription = z.output<typeof trace>
export type NamesDescription = z.output<typeof names>
export type JoinsDescription = z.output<typeof joins>
export type HistogramsDescription = z.output<typeof histograms>
export type FaultDescription = ScenarioDescription['faults'][number] & Record<string, unknown>

/** A whole scenario of what is given. Throws EINVAL with every problem; `source` is where it comes from. */
export function checkScenario (given: unknown, source: string): ScenarioDescription {
  const { success, data, error } = scenario.safeParse(given)
  if (success) return { ...data, contents: {} }
  const problems = error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${tellPath(path)}: ${message}`
  })
  throw new CloudError('EINVAL', `${source} is no scenario: ${problems.join('; ')}.`, { fields: { problems } })
}

/** People count from one. */
function tellPath (path: readonly PropertyKey[]): string {
  return path.map(part => typeof part === 'number' ? `${part + 1}` : String(part)).join(' ')
}
