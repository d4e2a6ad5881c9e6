import { setMaxListeners } from 'node:events'
import { mapConcurrently } from '@welkin/async'
import { answerParent } from '../child.ts'
import { startNode, type Met, type NamesNode, type System } from './systems.ts'

/** Something done by this process's nodes in turn, one after the other, until the time is up. */
export interface Round { keys: readonly string[], shift: number, seconds: number }

export type NamesQuestion =
  | { start: { system: System, count: number, folder: string, bootstrap: string | undefined } }
  | { meet: readonly Met[] }
  | { put: Round }
  | { get: Round }
  | { lose: number }

/** The keys that there was time for, how long each took, and those that were not found. */
export interface RoundTold { keys: string[], ms: number[], missing: string[] }

const nodes: NamesNode[] = []

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async (question: NamesQuestion) => {
  if ('start' in question) {
    const { system, count, folder, bootstrap } = question.start
    for (let i = 0; i < count; i++) {
      nodes.push(await startNode(system, { folder, bootstrap: bootstrap ?? nodes[0]?.addresses[0] }))
    }
    return nodes.map(({ self, addresses }): Met => ({ self, addresses }))
  }
  if ('meet' in question) {
    await mapConcurrently(nodes, 1, async node => await node.meet(question.meet))
    return true
  }
  if ('lose' in question) {
    await Promise.all(nodes.splice(0, question.lose).map(async node => await node.stop()))
    return true
  }
  return 'put' in question
    ? await play(question.put, async (node, key) => {
      await node.put(key)
      return true
    })
    : await play(question.get, async (node, key) => await node.has(key))
})

async function play (
  { keys, shift, seconds }: Round, work: (node: NamesNode, key: string) => Promise<boolean>
): Promise<RoundTold> {
  const told: RoundTold = { keys: [], ms: [], missing: [] }
  const endMs = performance.now() + seconds * 1000
  for (const [place, key] of keys.entries()) {
    const node = nodes[(place + shift) % nodes.length] as NamesNode
    const beganMs = performance.now()
    if (beganMs > endMs) break
    const isFound = await work(node, key).catch((error: Error) => {
      process.stderr.write(`${key}: ${error.message}\n`)
      return false
    })
    if (!isFound) told.missing.push(key)
    told.keys.push(key)
    told.ms.push(performance.now() - beganMs)
  }
  return told
}
