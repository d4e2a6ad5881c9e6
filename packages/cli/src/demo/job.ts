import { randomBytes } from 'node:crypto'
import { collectBytes, Gate } from '@welkin/async'
import { CloudError, type AbortOptions } from '@welkin/interface'
import type { ObjectInfo } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { describeExit } from '../object/exit-status.ts'
import { archive } from './archive.ts'
import { sizeOf, type ListedFile, type Omissions, type Work } from './files.ts'
import { splitIntoShards } from './shards.ts'
import { parseSums } from './sums.ts'

const OBJECTS_PER_NODE = 4
const SUMS = 'sums'
const LAST_WORDS_BYTES = 1000
// Nothing but UNIX programs, as they are; macOS has shasum in place of sha256sum.
const SCRIPT = `
set -e
mkdir f
tar -xf shard.tar -C f
cd f
if command -v sha256sum > /dev/null; then sum=sha256sum; else sum='shasum -a 256'; fi
find . -type f -exec $sum {} + > ../${SUMS}
`

/** A node that takes part. */
export interface JobNode {
  id: string
  name: string
}

/** What one node did of the job. */
export interface NodeShare {
  node: string
  objects: number
  files: number
  bytes: number
  /** From the start of its first object to the end of its last. */
  seconds: number
}

export interface JobResult {
  /** By path. */
  sums: Map<string, string>
  shares: NodeShare[]
  objects: number
  /** From the first byte sent to the last hash received. */
  seconds: number
}

export interface JobOptions extends AbortOptions {
  /** Called with bytes that were sent, and again with those that were hashed. */
  onBytes: (bytes: number) => void
}

/**
 * The SHA-256 of every file by objects on all `nodes`: each gets a part of the files as a tar archive, unpacks it, runs
 * `sha256sum` and leaves its output as a blob. Rejects with the first failure.
 */
export async function hashInCloud (
  cloud: Connection, nodes: readonly JobNode[], { folder, files, omissions }: Work, options: JobOptions
): Promise<JobResult> {
  const beganMs = performance.now()
  const cp = randomBytes(16).toString('hex')
  const sending = new Gate(nodes.length)
  const shards = splitIntoShards(files, nodes.length * OBJECTS_PER_NODE)
  const parts = await Promise.all(shards.map(async (shard, at) => {
    const node = nodes[at % nodes.length] as JobNode
    const pieces = counted(archive(folder, shard, omissions), sizeOf(shard), options.onBytes)
    const target = { node: node.id, signal: options.signal, input: pieces }
    const { blob } = await sending.run(() => cloud.syscalls.blob.put({}, target))
    const object = await runShard(cloud, node, `hash-${at + 1}`, cp, blob, options)
    options.onBytes(sizeOf(shard))
    return { node, shard, ...object }
  }))
  const seconds = (performance.now() - beganMs) / 1000
  const sums = new Map(parts.flatMap(part => [...part.sums]))
  const shares = nodes.map(node => shareOf(node, parts.filter(part => part.node === node), omissions))
  return { sums, shares, objects: parts.length, seconds }
}

async function runShard (
  cloud: Connection, node: JobNode, name: string, cp: string, blob: string, { signal }: AbortOptions
): Promise<{ sums: Map<string, string>, info: ObjectInfo }> {
  const { objects } = await cloud.syscalls.spawn({
    name,
    cp,
    on: node.id,
    program: { argv: ['sh', '-c', SCRIPT] },
    files: [{ path: 'shard.tar', blob }],
    outputs: [SUMS]
  }, { signal })
  const id = objects[0]?.id as string
  const { exit, outputs } = await cloud.syscalls.wait({ id }, { signal })
  const sums = outputs[0]?.blob
  if (exit.kind !== 'exited' || exit.code !== 0 || sums === undefined) {
    const why = await lastWords(cloud, id)
    throw new CloudError('EIO', `${name} on ${node.name} did not do its work: ${describeExit(exit)}. ${why}`)
  }
  const text = new TextDecoder().decode(await collectBytes(cloud.syscalls.blob.get({ blob: sums }, { signal })))
  return { sums: parseSums(text), info: await cloud.syscalls.stat({ id }, { signal }) }
}

interface Part {
  shard: ListedFile[]
  info: ObjectInfo
}

function shareOf ({ name }: JobNode, parts: readonly Part[], omissions: Omissions): NodeShare {
  const files = parts.flatMap(({ shard }) => shard.filter(({ path }) => !omissions.has(path)))
  const begun = parts.map(({ info }) => info.startedAtMs ?? info.spawnedAtMs)
  const ended = parts.map(({ info }) => info.endedAtMs ?? info.spawnedAtMs)
  return {
    node: name,
    objects: parts.length,
    files: files.length,
    bytes: sizeOf(files),
    seconds: parts.length === 0 ? 0 : (Math.max(...ended) - Math.min(...begun)) / 1000
  }
}

/** The end of what an object has written to its standard error. */
async function lastWords (cloud: Connection, id: string): Promise<string> {
  const decoder = new TextDecoder()
  let words = ''
  for await (const { bytes, stream } of cloud.syscalls.logs({ id, tailBytes: LAST_WORDS_BYTES })) {
    if (stream === 'stderr') words += decoder.decode(bytes)
  }
  return words.trim()
}

/** The pieces as they are, counted up to `bytesMax`: an archive of small files is many times as large as they are. */
async function * counted (
  pieces: AsyncIterable<Uint8Array>, bytesMax: number, onBytes: (bytes: number) => void
): AsyncGenerator<Uint8Array> {
  let left = bytesMax
  for await (const piece of pieces) {
    yield piece
    const counting = Math.min(left, piece.length)
    left -= counting
    onBytes(counting)
  }
}
