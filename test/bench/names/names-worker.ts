import { setMaxListeners } from 'node:events'
import { mapConcurrently } from '@welkin/async'
import { answerParent } from '../child.ts'
import { startNode, type Met, type NamesNode, type System } from './systems.ts'

/** Something done by this process's nodes in turn, `width` at a time. */
export interface Round { keys: readonly string[], width: number, shift: number }

export type NamesQuestion =
  | { start: { system: System, count: number, hyperDhtFolder: string, bootstrap: string | undefined } }
  | { meet: readonly Met[] }
  | { put: Round }
  | { get: Round }
  | { lose: number }

/** How long each took, and the names that were not found. */
export interface RoundTold { ms: number[], missing: string[] }

const VALUE_BYTES = 200
const nodes: NamesNode[] = []

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async (question: NamesQuestion) => {
  if ('start' in question) {
    const { system, count, hyperDhtFolder, bootstrap } = question.start
    for (let i = 0; i < count; i++) {
      nodes.push(await startNode(system, hyperDhtFolder, bootstrap ?? nodes[0]?.addresses[0]))
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
      await node.put(key, new TextEncoder().encode(key.padEnd(VALUE_BYTES, '.')))
      return true
    })
    : await play(question.get, async (node, key) => {
      const value = await node.get(key)
      return value !== undefined && new TextDecoder().decode(value).startsWith(key)
    })
})

async function play (
  { keys, width, shift }: Round, work: (node: NamesNode, key: string) => Promise<boolean>
): Promise<RoundTold> {
  const missing: string[] = []
  const ms = await mapConcurrently(keys, width, async (key, place) => {
    const node = nodes[(place + shift) % nodes.length] as NamesNode
    const beganMs = performance.now()
    const isFound = await work(node, key).catch((error: Error) => {
      process.stderr.write(`${key}: ${error.message}\n`)
      return false
    })
    if (!isFound) missing.push(key)
    return performance.now() - beganMs
  })
  return { ms, missing }
}
