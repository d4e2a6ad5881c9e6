import { isInstalled, runProgram } from '../programs.ts'
import { until, type Stage } from '../stage.ts'

/** Serf with its defaults, an agent on each of `count` loopback addresses; the ids of their processes, or undefined. */
export async function startSerf (stage: Stage, count: number): Promise<number[] | undefined> {
  if (!await isInstalled('serf')) return undefined
  const addresses = Array.from({ length: count }, (_, index) => `127.0.74.${index + 1}`)
  const agents = addresses.map(address => stage.program('serf', [
    'agent', '-node', address, '-bind', address, '-rpc-addr', `${address}:7373`, '-retry-join', addresses[0] as string
  ]))
  await Promise.all(addresses.map(address => until(async () => await membersAt(address) === count)))
  return agents.map(({ pid }) => pid as number)
}

/** How many are alive as an agent knows; 0 while it does not answer. */
async function membersAt (address: string): Promise<number> {
  const args = ['members', '-status', 'alive', '-rpc-addr', `${address}:7373`]
  const members = await runProgram('serf', args).catch(() => '')
  return members.split('\n').filter(line => line !== '').length
}
