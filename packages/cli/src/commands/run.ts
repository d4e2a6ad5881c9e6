import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { SPREADS, type ArgsOf, type NodeQuery } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import { isCloudError } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { Interruption } from '../interruption.ts'
import { composeQuery, type Wishes } from '../node/wishes.ts'
import { explainExit, exitStatus } from '../object/exit-status.ts'
import { formatExplanation } from '../object/explanation.ts'
import { fetchBlob, putFiles, type ObjectFile } from '../object/files.ts'
import { follow } from '../object/follow.ts'
import { jsonSink, plainSink, prefixedSink, type Sink } from '../object/sinks.ts'
import { closeInput, standardInput } from '../object/standard-input.ts'
import { isBrokenPipe, note, print, printJson } from '../print/output.ts'
import { onOneLine } from '../print/words.ts'
import { act, addCloudCommand, inCloud, type CommonOptions } from './command.ts'
import { port } from './port-values.ts'
import { UsageError } from './usage-error.ts'
import {
  collected, cpuCount, environment, longSpan, memorySize, query, reach, weights, wholeNumber
} from './values.ts'

const ATTACHED_MAX = 256
/** Between checkpoints, where only is said what they are for. */
const CHECKPOINT_MS = 30_000
const RESTART_POLICIES = ['never', 'on-failure', 'always'] as const
const ISOLATIONS = ['strict', 'default', 'none'] as const
const SNAPSHOT_POINTS = ['anywhere', 'calls', 'none'] as const
const NETWORKS = ['host', 'loopback', 'none'] as const

interface RunOptions extends CommonOptions, Wishes {
  name?: string
  count: number
  on?: string
  cpu?: number
  memory?: number
  can?: string[]
  processes?: number
  files?: number
  fileSize?: number
  isolation?: (typeof ISOLATIONS)[number]
  network?: (typeof NETWORKS)[number]
  port?: Record<string, number>
  env?: Record<string, string>
  file?: string[]
  output?: string[]
  builtin?: boolean
  wasm?: boolean
  snapshotPoints?: (typeof SNAPSHOT_POINTS)[number]
  fuel?: number
  restart: (typeof RESTART_POLICIES)[number]
  restartElsewhere?: boolean
  checkpointEvery?: number
  onFailure?: 'none' | 'restore'
  input?: boolean
  detach?: boolean
  explain?: boolean
}

interface Spawned {
  id: string
  name?: string | undefined
  node: string
}

export function addRun (program: Command): void {
  addCloudCommand(program, 'run',
    'Run a program somewhere good. We stay with it: its output is ours, Ctrl-C ends it, and its exit status is ours ' +
    '(128 + n by signal n, 137 out of memory, 127 and 126 where it cannot be started). With --json: the reply of ' +
    'spawn, then the items of attach, each with its object.',
    'welkin run -- echo hello',
    'welkin run --count 3 --on local/site2 -- hostname',
    'welkin run --near n3 --prefer latency=2,load=1 --explain -- hostname',
    'welkin run --file ./data.csv --output sums -- sh -c "sha256sum data.csv > sums"',
    'welkin run --wasm prog.wasm ARGS',
    'welkin run --builtin --name news --detach topic')
    .usage('[options] -- PROGRAM ARGS...')
    .argument('<program...>', 'the program and its arguments')
    .passThroughOptions()
    .option('--name <name>', 'its name, a DNS label; of several: NAME.0, NAME.1, …')
    .option('--count <k>', 'so many objects; each line of output begins with the name', wholeNumber(1, 100_000), 1)
    .option('--on <where>', 'a node or a zone, e.g. n3 or local/site1')
    .option('--where <query>', 'what its node must meet, e.g. \'memory.free > 2G\'; see welkin find', query)
    .option('--within <time:place>', 'its node is no farther from there, e.g. 20ms:n3 (repeatable)', reach)
    .option('--near <place>', 'as near to a node, an object or a zone as can be (repeatable)', collected)
    .option('--prefer <weights>', 'what counts how much, e.g. latency=2,load=1', weights)
    .addOption(new Option('--spread <over>', 'in as many of these as can be').choices([...SPREADS]))
    .option('--explain', 'say on standard error why it goes where it goes')
    .option('--cpu <cpus>', 'CPUs that it may use, e.g. 0.5', cpuCount)
    .option('--memory <size>', 'memory that it may use, e.g. 64M or 1.5G', memorySize)
    .option('--processes <n>', 'processes and threads that it may have at a time', wholeNumber(1, 1 << 22))
    .option('--files <n>', 'files that each of its processes may have open', wholeNumber(16, 1 << 20))
    .option('--file-size <size>', 'how large each file may become that it writes', memorySize)
    .addOption(new Option('--isolation <how>', 'a sandbox or nothing at all; as far as its node can; none')
      .choices([...ISOLATIONS]))
    .addOption(new Option('--network <which>', 'that of its node, or one that leads nowhere').choices([...NETWORKS]))
    .option('--port <name=port>', 'a TCP port on which it will listen, by name or the number alone (repeatable)', port)
    .option('--builtin', 'PROGRAM is a module in the daemon, e.g. topic; the error for an unknown one lists them')
    .option('--wasm', 'PROGRAM is a WebAssembly module of ours, which goes with the object')
    .addOption(new Option('--snapshot-points <where>', 'where a WebAssembly program can be taken up, to be moved')
      .choices([...SNAPSHOT_POINTS]))
    .option('--fuel <n>', 'so many instructions, about, a WebAssembly program may run', wholeNumber(1, 2 ** 53 - 1))
    .option('--env <k=v>', 'a variable of its environment, or K alone for ours (repeatable)', environment)
    .option('--can <what>', 'what it may ask beside what concerns itself, e.g. processes.spawn (repeatable)', collected)
    .option('--file <path[:name]>', 'a file to put into its directory, under that name (repeatable)', collected)
    .option('--output <path>', 'a file to fetch at its end; of several, into a folder each (repeatable)', collected)
    .addOption(new Option('--restart <policy>', 'when it starts again').choices([...RESTART_POLICIES]).default('never'))
    .option('--restart-elsewhere', 'it may be moved without its state: ended here, and started anew there')
    .option('--checkpoint-every <span>', 'keep its state on other nodes every so often, e.g. 30s', longSpan)
    .addOption(new Option('--on-failure <what>', 'when its node fails, have another go on from its last checkpoint')
      .choices(['none', 'restore']))
    .option('--input', 'pass our standard input on to it; with --detach: keep it open for attach')
    .option('--detach', 'print the ids and leave it alone')
    .action(act<RunOptions, [string[]]>(async (options, argv) => {
      const wanted = checkOptions(options)
      return await inCloud(options, async cloud => await run(cloud, options, wanted, argv))
    }))
}

/** Which nodes are wanted. */
function checkOptions (options: RunOptions): NodeQuery | undefined {
  const conflict = (problem: string): never => { throw new UsageError(problem) }
  if (options.input && options.count > 1 && !options.detach) {
    conflict('Standard input can go to one object only: leave out --count or --input.')
  }
  if (!options.wasm && (options.snapshotPoints !== undefined || options.fuel !== undefined)) {
    conflict('--snapshot-points and --fuel concern WebAssembly programs: add --wasm.')
  }
  if (options.builtin && (options.wasm || options.input)) {
    conflict('A built-in module is no WebAssembly program, and reads no standard input: leave out --builtin or these.')
  }
  const { near, prefer, spread, where, within } = options
  return composeQuery({ near, prefer, spread, where, within }, conflict)
}

async function run (
  cloud: Connection, options: RunOptions, wanted: NodeQuery | undefined, argv: string[]
): Promise<number> {
  using interruption = new Interruption()
  const files = await putFiles(cloud, options.file ?? [])
  const driver = options.builtin ? 'builtin' : undefined
  const program = { argv, env: options.env, input: options.input ?? false, driver }
  const spawned = await explained(options, cloud.syscalls.spawn({
    ...options.wasm ? await wasmProgram(cloud, options, program, files) : { program, files },
    outputs: options.output,
    limits: {
      cpu: options.cpu, memoryBytes: options.memory, processes: options.processes, files: options.files,
      fileBytes: options.fileSize
    },
    isolation: options.isolation,
    network: options.network,
    ports: options.port,
    restart: { policy: options.restart, elsewhere: options.restartElsewhere },
    checkpoints: checkpointsOf(options),
    can: options.can,
    name: options.name,
    count: options.count,
    on: options.on,
    query: wanted,
    explain: options.explain
  }))
  if (options.json) await printJson(spawned)
  else if (spawned.explanation !== undefined) note(formatExplanation(spawned.explanation))
  if (!options.detach) return await stayWith(cloud, spawned.objects, options, interruption)
  if (!options.json) await print(spawned.objects.map(({ id }) => `${id}\n`).join(''))
  return 0
}

function checkpointsOf ({ checkpointEvery, onFailure }: RunOptions): ArgsOf<'spawn'>['checkpoints'] {
  if (checkpointEvery === undefined && onFailure !== 'restore') return undefined
  return { everyMs: checkpointEvery ?? CHECKPOINT_MS, onFailure }
}

/** The module goes along as a file, under its own name. */
async function wasmProgram <P extends { argv: string[] }> (
  cloud: Connection, { snapshotPoints, fuel }: RunOptions, program: P, files: ObjectFile[]
) {
  const [path = '', ...args] = program.argv
  const [module] = await putFiles(cloud, [path])
  const name = module?.path ?? path
  return {
    program: { ...program, driver: 'wasm', argv: [name, ...args], wasm: { snapshotPoints, fuel } },
    files: [...files.filter(file => file.path !== name), ...module === undefined ? [] : [module]]
  }
}

/** Where it fails since all have refused, each node's reason is told beside the error. */
async function explained<T> ({ explain, json }: RunOptions, spawned: Promise<T>): Promise<T> {
  try {
    return await spawned
  } catch (error) {
    const reasons = isCloudError(error) ? error.fields['reasons'] : undefined
    if (explain && !json && Array.isArray(reasons)) for (const reason of reasons) note(onOneLine(reason))
    throw error
  }
}

/** Passes on what the objects write until all have ended; the status is that of the first that failed. */
async function stayWith (
  cloud: Connection, objects: Spawned[], options: RunOptions, interruption: Interruption
): Promise<number> {
  const endAll = async (): Promise<void> => {
    await mapConcurrently(objects, ATTACHED_MAX, ({ id }) => cloud.syscalls.kill({ id }))
  }
  const interrupted = interruption.wait().then(endAll)
  try {
    const statuses = await Promise.race([
      mapConcurrently(objects, ATTACHED_MAX, object => stayWithOne(cloud, object, options)),
      // Only its failure matters here: when all are killed, all streams end by themselves.
      interrupted.then(() => new Promise<never>(() => {}))
    ])
    return statuses.find(status => status !== 0) ?? 0
  } catch (error) {
    // A program whose output nobody reads ends, as it would in a shell's pipe.
    if (isBrokenPipe(error)) await endAll()
    throw error
  } finally {
    if (options.input) closeInput()
  }
}

async function stayWithOne (cloud: Connection, object: Spawned, options: RunOptions): Promise<number> {
  const sink = sinkFor(object, options)
  const exit = await follow(cloud, object.id, {
    from: 'start', onOutput: sink.take, input: options.input ? standardInput() : undefined
  })
  await sink.end(exit)
  const explanation = explainExit(exit)
  if (explanation !== undefined) note(`welkin: ${nameOf(object)}: ${explanation}`)
  const fetched = options.output === undefined || await fetchOutputs(cloud, object, options)
  return exitStatus(exit) === 0 && !fetched ? 1 : exitStatus(exit)
}

/** Brings the output files here; false when one is missing. */
async function fetchOutputs (cloud: Connection, object: Spawned, options: RunOptions): Promise<boolean> {
  const { outputs } = await cloud.syscalls.wait({ id: object.id })
  for (const { path, blob, error } of outputs) {
    const missing = `welkin: ${nameOf(object)}: there is no output ${path}: ${error?.message ?? 'it was not kept.'}`
    if (blob === undefined) note(missing)
    else await fetchBlob(cloud, blob, options.count > 1 ? join(nameOf(object), path) : path)
  }
  return outputs.every(({ blob }) => blob !== undefined)
}

function sinkFor (object: Spawned, { count, json }: RunOptions): Sink {
  if (json) return jsonSink(object.id)
  return count > 1 ? prefixedSink(nameOf(object)) : plainSink()
}

function nameOf ({ name, id }: Spawned): string {
  return name ?? id.slice(0, 12)
}
