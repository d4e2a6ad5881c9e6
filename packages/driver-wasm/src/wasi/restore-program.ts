import { Descriptors, type Descriptor } from './descriptors.ts'
import type { FileNode, TreeNode } from './files/nodes.ts'
import { Tree } from './files/tree.ts'
import { InputQueue } from './input-queue.ts'
import type { Outside } from './outside.ts'
import type { ProgramLimits, ProgramState } from './program-state.ts'
import type { SavedDescriptor, SavedNode, SavedProgram } from './saved-state.ts'
import { filesAmong } from './save-program.ts'
import type { Conversation } from './talk/conversation.ts'
import type { Conversations, Listener } from './talk/conversations.ts'
import { restoreTalk } from './talk/saved-talk.ts'

interface Beside {
  object: string
  limits: ProgramLimits
  input: Uint8Array
  reply: Uint8Array
  said: Uint8Array
  outside: Outside
}

/**
 * The program as it was saved, with files that have their sizes, in order, and whose contents are to be put in. Throws
 * RangeError for what no program can have been.
 */
export function restoreProgram (
  saved: SavedProgram, { object, limits, input, reply, said, outside }: Beside
): { state: ProgramState, files: FileNode[] } {
  const tree = new Tree(() => outside.wallNs())
  const nodes = new Map(saved.nodes.map(each => [each.number, makeNode(tree, each)]))
  if (nodes.size !== saved.nodes.length) throw new RangeError('two nodes have one number')
  const nodeOf = (number: number): TreeNode => {
    const node = nodes.get(number)
    if (node === undefined) throw new RangeError(`there is no node ${number}`)
    return node
  }
  let serialMax = 0
  for (const each of saved.nodes) if (each.kind === 'directory') serialMax = Math.max(serialMax, link(each, nodeOf))
  tree.adopt(Math.max(...nodes.keys()), serialMax)
  const [work, temporary] = saved.nodes.map(({ number }) => nodeOf(number))
  if (work?.kind !== 'directory' || temporary?.kind !== 'directory') throw new RangeError('there are no roots')
  checkTree([work, temporary])
  const descriptors = new Descriptors(limits.openFiles)
  const conversations = restoreTalk(saved.talk, said, object, order => outside.talk(order))
  const talk = new OpenTalk(conversations)
  for (const each of saved.descriptors) {
    descriptors.put(each[0], isOfTalk(each) ? talk.open(each) : openAgain(each, nodeOf))
  }
  const state: ProgramState = {
    args: saved.args, environment: saved.environment, object, tree, roots: { work, temporary }, descriptors, limits,
    conversations,
    input: new InputQueue({ bytes: input, ended: saved.inputEnded }),
    ...offsetsNow(saved, outside),
    waitingSinceNs: saved.waitingSinceNs === null ? undefined : BigInt(saved.waitingSinceNs),
    signals: saved.signals ?? undefined,
    calling: saved.calling ?? undefined,
    reply: saved.hasReply ? reply : undefined,
    written: { ...saved.written }
  }
  return { state, files: filesAmong([...nodes.values()]) }
}

/** Of clocks that go on from now on where they were. */
export function offsetsNow (
  saved: Pick<SavedProgram, 'monotonicNs' | 'cpuNs'>, clocks: Pick<Outside, 'monotonicNs' | 'cpuNs'>
): Pick<ProgramState, 'monotonicOffsetNs' | 'cpuOffsetNs'> {
  return {
    monotonicOffsetNs: BigInt(saved.monotonicNs) - clocks.monotonicNs(),
    cpuOffsetNs: BigInt(saved.cpuNs) - clocks.cpuNs()
  }
}

function makeNode (tree: Tree, saved: SavedNode): TreeNode {
  const common = {
    number: saved.number, links: 0, accessedNs: BigInt(saved.accessedNs), changedNs: BigInt(saved.changedNs)
  }
  if (saved.kind === 'link') return { ...common, kind: 'link', target: saved.target }
  if (saved.kind === 'directory') return { ...common, kind: 'directory', entries: new Map() }
  const content = tree.makeContent()
  content.resize(saved.sizeBytes)
  return { ...common, kind: 'file', content, executable: saved.executable }
}

/** Gives the entries of a directory; the highest of their serials. */
function link (
  { number, entries }: SavedNode & { kind: 'directory' }, nodeOf: (number: number) => TreeNode
): number {
  const directory = nodeOf(number)
  if (directory.kind !== 'directory') throw new RangeError('it is no directory')
  for (const [name, of, serial] of entries) {
    const node = nodeOf(of)
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) throw new RangeError('it is no name')
    directory.entries.set(name, { node, serial })
    node.links++
  }
  return Math.max(0, ...entries.map(([, , serial]) => serial))
}

/** Every directory stands in one place, below one root. */
function checkTree (roots: TreeNode[]): void {
  const seen = new Set<TreeNode>()
  const left = [...roots]
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.kind !== 'directory') continue
    if (seen.has(node)) throw new RangeError('a directory stands in two places')
    seen.add(node)
    for (const entry of node.entries.values()) left.push(entry.node)
  }
}

type TalkDescriptor = Extract<SavedDescriptor, [number, 'listener' | 'conversation', ...unknown[]]>

function isOfTalk (saved: SavedDescriptor): saved is TalkDescriptor {
  return saved[1] === 'listener' || saved[1] === 'conversation'
}

function openAgain (
  saved: Exclude<SavedDescriptor, TalkDescriptor>, nodeOf: (number: number) => TreeNode
): Descriptor {
  if (saved[1] === 'stream') return { kind: 'stream', stream: saved[2] }
  const node = nodeOf(saved[2])
  if (saved[1] === 'directory') {
    if (node.kind !== 'directory') throw new RangeError('it is no directory')
    return { kind: 'directory', node, preopened: saved[3] ?? undefined }
  }
  if (node.kind !== 'file') throw new RangeError('it is no file')
  const [, , , offset, readable, writable, append] = saved
  return { kind: 'file', node, offset, readable, writable, append }
}

/** Ports and conversations by their descriptors, each by one. */
class OpenTalk {
  readonly #listeners: Map<string, Listener>
  readonly #conversations: Map<number, Conversation>

  constructor (talk: Conversations) {
    this.#listeners = new Map(talk.listeners.filter(({ isClosed }) => !isClosed).map(each => [each.port, each]))
    const open = talk.all.filter(({ facts: { isClosed, isPending } }) => !isClosed && !isPending)
    this.#conversations = new Map(open.map(each => [each.facts.number, each]))
  }

  open ([, kind, which, nonBlocking]: TalkDescriptor): Descriptor {
    if (kind === 'listener') return { kind, listener: taken(this.#listeners, which), nonBlocking }
    return { kind, conversation: taken(this.#conversations, which), nonBlocking }
  }
}

function taken<K, V> (from: Map<K, V>, key: K): V {
  const value = from.get(key)
  if (value === undefined) throw new RangeError('a descriptor stands for nothing, or two for the same')
  from.delete(key)
  return value
}
