import type { Descriptor } from './descriptors.ts'
import type { FileNode, TreeNode } from './files/nodes.ts'
import { NODE_BYTES } from './files/tree.ts'
import type { Outside } from './outside.ts'
import type { ProgramState } from './program-state.ts'
import { saveTalk } from './talk/saved-talk.ts'
import type { SavedDescriptor, SavedNode, SavedProgram } from './saved-state.ts'

/** What a program keeps, with its files in the order in which `nodes` has them, and the bytes of its conversations. */
export function saveProgram (
  state: ProgramState, clocks: Pick<Outside, 'monotonicNs' | 'cpuNs'>
): { saved: SavedProgram, files: FileNode[], said: Uint8Array } {
  const nodes = nodesOf(state)
  const { saved: talk, bytes: said } = saveTalk(state.conversations, state.object)
  const saved: SavedProgram = {
    args: [...state.args],
    environment: [...state.environment],
    monotonicNs: `${clocks.monotonicNs() + state.monotonicOffsetNs}`,
    cpuNs: `${clocks.cpuNs() + state.cpuOffsetNs}`,
    waitingSinceNs: state.waitingSinceNs === undefined ? null : `${state.waitingSinceNs}`,
    signals: state.signals === undefined ? null : [...state.signals],
    calling: state.calling ?? null,
    written: { ...state.written },
    inputEnded: state.input.ended,
    hasReply: state.reply !== undefined,
    nodes: nodes.map(saveNode),
    descriptors: [...state.descriptors].map(([number, open]) => saveDescriptor(number, open)),
    talk
  }
  return { saved, files: filesAmong(nodes), said }
}

export function filesAmong (nodes: readonly TreeNode[]): FileNode[] {
  return nodes.filter(node => node.kind === 'file')
}

/** Bytes that the program's files take now. */
export function keptBytes (state: ProgramState): number {
  return nodesOf(state).reduce((sum, node) => {
    return sum + NODE_BYTES + (node.kind === 'file' ? node.content.keptBytes : 0)
  }, 0)
}

/** All that have a name or are open, each once. */
function nodesOf ({ roots, descriptors }: ProgramState): TreeNode[] {
  const found = new Set<TreeNode>([roots.work, roots.temporary, ...descriptors.nodes()])
  for (const node of found) { // which goes on over what is added meanwhile
    if (node.kind === 'directory') for (const entry of node.entries.values()) found.add(entry.node)
  }
  return [...found]
}

function saveNode (node: TreeNode): SavedNode {
  const { number, kind } = node
  const common = { number, accessedNs: `${node.accessedNs}`, changedNs: `${node.changedNs}` }
  if (kind === 'file') return { ...common, kind, sizeBytes: node.content.sizeBytes, executable: node.executable }
  if (kind === 'link') return { ...common, kind, target: node.target }
  const entries = [...node.entries].map(([name, { node: { number: of }, serial }]): [string, number, number] => {
    return [name, of, serial]
  })
  return { ...common, kind, entries }
}

function saveDescriptor (number: number, open: Descriptor): SavedDescriptor {
  if (open.kind === 'stream') return [number, 'stream', open.stream]
  if (open.kind === 'directory') return [number, 'directory', open.node.number, open.preopened ?? null]
  if (open.kind === 'listener') return [number, 'listener', open.listener.port, open.nonBlocking]
  if (open.kind === 'conversation') return [number, 'conversation', open.conversation.facts.number, open.nonBlocking]
  return [number, 'file', open.node.number, open.offset, open.readable, open.writable, open.append]
}
