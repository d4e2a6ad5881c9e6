import { dial } from '@welkin/syscalls'
import { connect } from '@welkin/syscalls/connect'
import { answerParent } from '../child.ts'
import { bySocks, crowd, pingPong, take, tcp, type Way } from './ways.ts'

/** How a client comes to the service: by name through its daemon or the proxy of that, or by a port of this machine. */
export type ClientWay =
  | { socket: string, target: string }
  | { proxy: string, name: string, port: number }
  | { port: number }

export type ClientQuestion = { way: ClientWay } & ({ take: number } | { trips: number } | { dials: number })

const ways = new Map<string, Way>()

/** A program that uses the service: a process of its own, as small as the ends of the bare connection. */
answerParent(async (question: ClientQuestion): Promise<number | number[]> => {
  const key = JSON.stringify(question.way)
  const way = ways.get(key) ?? await wayOf(question.way)
  ways.set(key, way)
  if ('take' in question) return await take(way, question.take)
  return 'trips' in question ? await pingPong(way, question.trips) : await crowd(way, question.dials)
})

async function wayOf (given: ClientWay): Promise<Way> {
  if ('socket' in given) {
    const cloud = await connect({ socket: given.socket })
    return async () => await dial(cloud, given.target)
  }
  if ('proxy' in given) return async () => await bySocks(given.proxy, given.name, given.port)
  return async () => await tcp(given.port)
}
