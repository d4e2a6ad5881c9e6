import { DNS_LABEL, ERRORS, isZone, type ErrorCode } from '@welkin/interface'
import { z } from 'zod'

/** The protocol under which nodes and clients exchange calls. */
export const SYSCALL_PROTOCOL = '/welkin/syscall/1'

const HEX_128 = /^[0-9a-f]{32}$/
const HEX_256 = /^[0-9a-f]{64}$/

export const bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array, 'must be bytes; in JSON, base64')
  .meta({ bytes: true })

export function isBytes (schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['bytes'] === true
}

export const objectId = z.string().regex(HEX_128, 'must be 32 hexadecimal digits')
export const blobId = z.string().regex(HEX_256, 'must be 64 hexadecimal digits')
export const nodeId = z.string().min(1).max(128)
export const zone = z.string().refine(isZone, 'must be one to three labels joined by "/", e.g. acme/lyon/r7')

/** An object's id, a prefix of it that only one has, or its name. */
export const objectRef = z.string().min(1).max(128)
  .describe('An object: its id, a prefix of the id that only one object has, or its name')
/** An object's own name: a DNS label; of several spawned together, with their number. */
export const objectName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.\d{1,6})?$/, 'must be a DNS label')

export const nodeRef = z.string().min(1).max(128)
  .describe('A node: its id, a prefix of the id that only one node has, or its name')

export const placeRef = z.string().min(1).max(128)
  .describe('A zone, or a node: its id, a prefix of the id that only one node has, or its name')

/** A relative path that stays below where it starts. */
export const innerPath = z.string().min(1).max(1024).refine(
  path => !path.startsWith('/') && !path.includes('\0') &&
    path.split('/').every(part => part !== '' && part !== '.' && part !== '..'),
  'must be a relative path without "." or ".."'
)

export const errorRecord = z.strictObject({
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])).optional()
})

export const taskExit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exited'), code: z.int() }),
  z.strictObject({ kind: z.literal('signaled'), signal: z.string() }),
  z.strictObject({ kind: z.literal('out-of-memory'), limitBytes: z.number() }),
  z.strictObject({ kind: z.literal('failed'), error: errorRecord }),
  z.strictObject({ kind: z.literal('lost'), reason: z.string() })
]).describe('How the task ended; `failed`: it never ran; `lost`: it ended and nobody saw how')

export const limits = z.strictObject({
  cpu: z.number().min(0.01).max(4096).describe('CPUs').optional(),
  memoryBytes: z.int().min(1 << 20).max(2 ** 50).optional(),
  processes: z.int().min(1).max(1 << 22).describe('Processes and threads at a time').optional(),
  files: z.int().min(16).max(1 << 20).describe('Open files of each process').optional(),
  fileBytes: z.int().min(4096).max(2 ** 50).describe('Size of each file that it writes').optional()
})

export const isolation = z.enum(['strict', 'default', 'none']).describe(
  'What keeps it from the machine and other objects: a sandbox or it does not run, what the node can, nothing')

export const network = z.enum(['host', 'loopback', 'none'])
  .describe('That of its node (the default), or one of its own that leads nowhere')

export const restart = z.strictObject({
  policy: z.enum(['never', 'on-failure', 'always']).default('never'),
  triesMax: z.int().min(1).max(1_000_000).describe('Restarts at the most; left out: as many as it takes').optional(),
  firstMs: z.int().min(10).max(3_600_000).default(500)
    .describe('Wait before the first restart; each further wait is twice as long'),
  maxMs: z.int().min(10).max(86_400_000).default(60_000).describe('The longest wait'),
  elsewhere: z.boolean().optional()
    .describe('Where its state cannot be taken it may be moved all the same: ended here, and started anew there')
})

export const program = z.strictObject({
  driver: z.string().regex(DNS_LABEL).default('native').describe('What runs it: native, builtin, …'),
  argv: z.array(z.string().max(131_072)).min(1).max(4096)
    .describe('The program and its arguments, as the driver understands them'),
  env: z.record(z.string().regex(/^[^=\0]+$/), z.string().max(131_072)).default({}),
  input: z.boolean().default(false).describe('Whether standard input stays open for attach'),
  wasm: z.strictObject({
    snapshotPoints: z.enum(['anywhere', 'calls', 'none'])
      .describe('Where it can be taken up: anywhere (the default), in calls that may wait, nowhere').optional(),
    fuel: z.int().min(1).describe('It ends when it has run about so many instructions').optional()
  }).describe('For driver wasm').optional()
})

export const fileSpec = z.strictObject({
  path: innerPath.describe('Where the object finds it, below its working directory'),
  blob: blobId,
  executable: z.boolean().default(false)
})

/** A part of what a delegation permits; see packages/capability. */
export const grant = z.strictObject({
  can: z.array(z.string().max(128)).min(1).max(64).describe('Capabilities: processes.kill, processes.*, *'),
  on: z.array(z.string().max(256)).min(1).max(64).optional()
    .describe('own, object:ID, cp:ID or name:TEXT, with a * at the end perhaps'),
  nodes: z.array(nodeId).min(1).max(64).describe('Only where one of these answers').optional(),
  zone: zone.describe('Only where a node of this zone answers').optional(),
  uses: z.int().min(1).describe('So often; counted by the one node in `nodes`').optional(),
  priceMax: z.number().min(0).describe('Only where a CPU costs no more for an hour').optional(),
  untilMs: z.number().min(0).describe('Wall clock').optional()
})

const role = z.enum(['admin', 'user', 'guest'])
  .describe('`admin`: everything; `user`: programs and files of its own; `guest`: looks')
/** What is given, in short or in full. */
export const given = { role: role.optional(), grants: z.array(grant).min(1).max(64).optional() }
export const lifeMs = z.int().min(1000).max(10 * 365 * 86_400_000)

/** What of the table somebody may do. */
export const capabilityName = z.string().regex(/^(\*|[a-z]+(\.[a-zA-Z]+)*(\.\*)?)$/, 'must be such as store.* or *')

/** A chain of delegations, as each stands on the wire. */
export const capabilityChain = z.array(bytes).max(16)

export const portName = z.string().regex(DNS_LABEL, 'must be a DNS label')

/** A name: DNS labels, the least part first, the cloud last; `.welkin` may follow. */
export const nameInCloud = z.string().min(1).max(253)

/** What is listened on, by name; 0: by system calls, not by TCP. */
export const portNumbers = z.record(portName, z.int().min(0).max(65_535))

/** One of somebody's ports: by its name, or by the number that is listened on. */
export const portRef = z.union([portName, z.int().min(1).max(65_535)])

/** Whom to talk to: `web.alice.acme:http`, by the port's name, its number or that of the service. */
export const dialTarget = z.string().min(1).max(320).describe('A name and a port of what it stands for: NAME:PORT')

/** By which a letter is known: the same again is the same letter. */
export const messageId = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters')

/** What a name can stand for. */
export const nameTarget = z.union([
  z.strictObject({ object: objectRef }), z.strictObject({ node: nodeRef }), z.strictObject({ blob: blobId }),
  z.strictObject({ alias: nameInCloud })
])

/** Where an object can be talked to, by name. */
export const ports = z.record(portName, z.int().min(1).max(65_535))
  .describe('TCP ports it listens on, by name: it is found under its own name then, and reached by these')

/** What an object is to be. Plain data: it is kept, forwarded and moved as it stands. */
export const objectSpec = z.strictObject({
  program,
  files: z.array(fileSpec).max(1000).default([]).describe('Blobs that are put into its working directory first'),
  outputs: z.array(innerPath).max(100).default([]).describe('Files that are kept as blobs when it ends'),
  limits: limits.default({}),
  restart: restart.prefault({}),
  isolation: isolation.optional(),
  network: network.optional(),
  ports: ports.optional(),
  checkpoints: z.strictObject({
    everyMs: z.int().min(1000).max(86_400_000),
    onFailure: z.enum(['none', 'restore']).default('none')
      .describe('When its node fails, another goes on from the last one'),
    copies: z.int().min(1).max(5).default(2).describe('Other nodes that keep them, in other racks where there are any')
  }).optional().describe('Its state is kept every so often'),
  can: z.array(capabilityName).max(64).optional()
    .describe('What it may ask beside what concerns itself, as far as who starts it may: processes.spawn, store.*, …')
})

export const OBJECT_STATES = ['waiting', 'preparing', 'running', 'stopping', 'backing-off', 'ended'] as const

export const objectState = z.enum(OBJECT_STATES).describe(
  '`waiting` for its turn, `preparing` its files, `running`, `stopping`, `backing-off` before a restart, `ended`'
)

export const outputFile = z.strictObject({
  path: z.string(),
  blob: blobId.optional(),
  sizeBytes: z.number().optional(),
  error: errorRecord.optional().describe('Why there is none')
})

export const usage = z.strictObject({
  cpuSeconds: z.number().optional(),
  memoryBytes: z.number().optional(),
  memoryBytesMax: z.number().optional(),
  readBytes: z.number().optional(),
  writtenBytes: z.number().optional(),
  processes: z.number().optional()
})

export const objectInfo = z.strictObject({
  id: objectId,
  cp: objectId.describe('The cloud process it belongs to'),
  name: z.string().optional(),
  node: nodeId,
  nodeName: z.string(),
  zone: z.string(),
  owner: z.string().optional().describe('Whose it is: a principal'),
  state: objectState,
  spec: objectSpec,
  attempt: z.int().describe('How often it was restarted'),
  pid: z.int().optional(),
  immovable: z.string().describe('Why it runs only where it is, though its driver moves others').optional(),
  spawnedAtMs: z.number(),
  startedAtMs: z.number().optional(),
  endedAtMs: z.number().optional(),
  exit: taskExit.optional().describe('How its last task ended'),
  outputs: z.array(outputFile),
  ports: portNumbers.optional().describe('Where it can be talked to now, by name'),
  usage: usage.optional()
})

export const objectMatch = z.strictObject({
  id: objectId,
  name: z.string().optional(),
  live: z.boolean().describe('Has not ended'),
  spawnedAtMs: z.number()
})

const count = z.number().min(0).max(2 ** 60)
const ratio = z.number().min(0).max(1)
const milliseconds = z.number().min(-3_600_000).max(3_600_000)

export const machineFacts = z.strictObject({
  hostname: z.string().max(256),
  os: z.string().max(32),
  kernel: z.string().max(256).describe('Its release').optional(),
  arch: z.string().max(32),
  cpuCount: count,
  cpuModel: z.string().max(256).optional(),
  memoryBytes: count,
  diskBytes: count.optional()
})

export const machineLoad = z.strictObject({
  cpuBusyRatio: ratio.optional(),
  load1m: count.describe('Tasks that ran or waited for a CPU, averaged over the last minute').optional(),
  memoryFreeBytes: count,
  diskFreeBytes: count.optional(),
  pressure: z.strictObject({ cpu: ratio.optional(), memory: ratio.optional(), io: ratio.optional() })
    .describe('Share of the last ten seconds in which some task waited').optional(),
  network: z.strictObject({ receivedBytesPerSecond: count, sentBytesPerSecond: count }).optional(),
  disk: z.strictObject({ readBytesPerSecond: count, writtenBytesPerSecond: count }).optional()
})

export const coordinate = z.strictObject({
  vector: z.array(milliseconds).min(1).max(8).describe('Milliseconds'),
  heightMs: milliseconds.min(0),
  error: ratio.describe('Share by which its distances are off')
})

/** What a node says of itself. */
export const nodeRecord = z.strictObject({
  id: nodeId,
  name: z.string().max(64),
  zone,
  addresses: z.array(z.string().max(256)).max(32),
  version: z.string().max(64),
  machine: machineFacts,
  drivers: z.array(z.string().max(64)).max(32),
  load: z.strictObject({
    ...machineLoad.shape,
    objects: count,
    objectsMax: count,
    cpuPromised: count,
    memoryPromisedBytes: count
  }),
  coordinate: coordinate.optional().describe('Where it stands in the latency space'),
  price: count.optional().describe('Of a CPU for an hour')
})

export const nodeView = z.strictObject({
  ...nodeRecord.shape,
  state: z.enum(['up', 'down']),
  suspected: z.boolean().optional().describe('It does not answer, and has some seconds to deny that it is down'),
  backInMs: z.number().optional()
    .describe('It is heard again; lost several times of late, it counts as up in so many milliseconds, if it stays'),
  ageMs: z.number().describe('Since it was heard of')
})

const figure = z.strictObject({ value: z.number(), ageMs: z.number(), samples: z.int() })

/** What a node has seen of its way to another. */
export const way = z.strictObject({
  rtt: figure.optional().describe('Milliseconds'),
  loss: figure.optional().describe('Share of requests that were not answered'),
  bandwidth: figure.optional().describe('Bytes a second')
})

/** What it would cost to use a node; what is unknown is left out. */
export const costVector = z.strictObject({
  rttMs: z.number().optional(),
  rttErrorMs: z.number().optional(),
  bandwidthBytesPerSecond: z.number().optional(),
  transferMs: z.number().optional().describe('For the bytes that the query speaks of'),
  startDelayMs: z.number().optional().describe('How long an object waits for its image and driver; 0: both are ready'),
  price: z.number().optional(),
  load: ratio.describe('How full the node is of what it has least of'),
  ageMs: z.number()
})

/** What a driver of a node can do. */
export const driverReport = z.strictObject({
  name: z.string(),
  health: z.enum(['healthy', 'unhealthy', 'absent']),
  reason: z.string().optional(),
  attributes: z.record(z.string(), z.string()),
  abilities: z.strictObject({
    signals: z.boolean(),
    input: z.boolean(),
    exec: z.boolean(),
    limits: z.strictObject({ cpu: z.enum(['hard', 'none']), memory: z.enum(['hard', 'none']) }),
    isolation: z.enum(['strict', 'user', 'none']).optional(),
    checkpoint: z.enum(['none', 'stop', 'live']),
    survivesDaemon: z.boolean()
  })
})

/** Why objects went where they went. */
export const placementExplanation = z.strictObject({
  query: z.string().describe('What was looked for, as text'),
  matched: z.int(),
  silent: z.array(z.string()).describe('Sites that did not answer'),
  candidates: z.array(z.strictObject({
    node: nodeId,
    name: z.string(),
    zone: z.string(),
    cost: costVector,
    asked: z.int().describe('Objects that it was asked to take'),
    taken: z.int(),
    refusal: z.string().optional()
  })).describe('The best of them, in order')
})

export const outputPosition = z.strictObject({ stdout: z.int().min(0).default(0), stderr: z.int().min(0).default(0) })

export const outputChunk = z.strictObject({
  stream: z.enum(['stdout', 'stderr']),
  offset: z.int().describe('Where the bytes stand in the whole of the stream'),
  bytes
})

export const cloudEvent = z.strictObject({
  sequence: z.int(),
  type: z.string(),
  node: nodeId,
  atMs: z.number(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
})

export type ObjectSpec = z.output<typeof objectSpec>
export type ObjectInfo = z.output<typeof objectInfo>
export type ObjectMatch = z.output<typeof objectMatch>
export type ObjectState = z.output<typeof objectState>
export type OutputFile = z.output<typeof outputFile>
export type RestartSpec = z.output<typeof restart>
export type PlacementExplanation = z.output<typeof placementExplanation>
