import { setMaxListeners } from 'node:events'
import { answerParent } from '../child.ts'
import { startNode, type Met, type NamesNode, type System } from './systems.ts'

/**
 * Names by number, one after the other until the time is up. Who is asked for a name follows from its number, `shift`
 * and over how many processes the numbers are dealt.
 */
export interface Round { label: string, numbers: readonly number[], shift: number, processes: number, seconds: number }

export type NamesQuestion =
  | { start: { system: System, count: number, folder: string, bootstrap: string | undefined } }
  | { meet: readonly Met[] }
  | { play: 'put' | 'get', round: Round }
  | { lose: number }

/** The names that there was time for, how long each took, and those that were not found. */
export interface RoundTold { numbers: number[], ms: number[], missing: number[] }

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
    for (const node of nodes) await node.meet(question.meet)
    return true
  }
  if ('lose' in question) {
    await Promise.all(nodes.splice(0, question.lose).map(async node => await node.stop()))
    return true
  }
  return await play(question.round, question.play === 'get'
    ? async (node, key) => await node.has(key)
    : async (node, key) => {
      await node.put(key)
      return true
    })
})

async function play (
  { label, numbers, shift, processes, seconds }: Round, work: (node: NamesNode, key: string) => Promise<boolean>
): Promise<RoundTold> {
  const told: RoundTold = { numbers: [], ms: [], missing: [] }
  const endMs = performance.now() + seconds * 1000
  for (const number of numbers) {
    const key = `${label}-${number}.acme`
    const node = nodes[(Math.floor(number / processes) + shift) % nodes.length] as NamesNode
    const beganMs = performance.now()
    if (beganMs > endMs) break
    const isFound = await work(node, key).catch((error: Error) => {
      process.stderr.write(`${key}: ${error.message}\n`)
      return false
    })
    if (!isFound) told.missing.push(number)
    told.numbers.push(number)
    told.ms.push(performance.now() - beganMs)
  }
  return told
}
