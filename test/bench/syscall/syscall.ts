import { randomBytes } from 'node:crypto'
import { encode, encodeCall, SYSCALL_PROTOCOL } from '@welkin/abi'
import { SILENT } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeRandom } from '@welkin/platform-node'
import { createSyscalls, type Syscalls } from '@welkin/syscalls'
import { bench, type Figures } from '../bench.ts'
import { contender, contest } from '../contest.ts'
import type { Stage } from '../stage.ts'
import { dialGrpc } from './grpc-client.ts'
import { dialTcp } from './tcp-client.ts'

const drawRequestId = (): string => randomBytes(16).toString('hex')

/** How fast a small system call is, beside others' calls of as many bytes; each server is a process of its own. */
export const syscall = bench('System calls to another process, over TCP, Noise and Yamux', {
  rounds: { about: 'turns of each contender', usual: 5, quick: 1 },
  ms: { about: 'length of a turn', usual: 1500, quick: 150 },
  inFlight: { about: 'calls at a time, on one connection', usual: 64, quick: 64 }
}, async (rules, stage) => {
  const syscalls = await dialDaemon(stage)
  const reply = await syscalls.whoami({})
  const call = { name: 'whoami', args: {}, requestId: drawRequestId(), hops: 0, chain: [] }
  const request = encodeCall(call)
  const replyBytes = encode(reply).byteLength
  const { figures: all, ratio } = await contest([
    contender('welkin', () => syscalls.whoami({})),
    contender('grpc-js', await dialGrpc(stage, request, replyBytes)),
    contender('tcp+msgpackr', await dialTcp(stage, call, reply))
  ], rules)

  const { welkin: own, ...rivals } = all as { welkin: Figures } & Record<string, Figures>
  const welkin = { ...own, ratioToTcp: ratio('welkin', 'tcp+msgpackr'), ratioToGrpc: ratio('welkin', 'grpc-js') }
  return {
    figures: welkin,
    rivals,
    lines: all,
    targets: [
      { what: 'calls a second', value: own['perSecond'] ?? Number.NaN, atLeast: 30_000 },
      { what: 'milliseconds for one call alone, p50', value: own['p50Ms'] ?? Number.NaN, atMost: 0.4 }
    ],
    notes: [
      `${request.byteLength} bytes there, ${replyBytes} back. Rates with ${rules.inFlight} in flight, times with one.`,
      'Only welkin\'s bytes are encrypted, and its calls checked and counted.'
    ]
  }
})

/** A client of the overlay, which nobody can dial, with one connection to a daemon, and a capability. */
async function dialDaemon (stage: Stage): Promise<Syscalls> {
  const daemon = await stage.daemon()
  const { syscalls: owner } = await stage.connect(daemon)
  const ports = { clock: createNodeClock(), random: createNodeRandom(), log: SILENT }
  const { stop, transport } = await createLibp2pOverlay(ports, { seed: randomBytes(32), listen: [] })
  stage.onClear(stop)
  transport.learn(daemon.id, daemon.addresses)
  const { chain: given } = await owner.grant({ to: transport.self, role: 'user' })
  const chain = given.map(link => new Uint8Array(Buffer.from(link, 'base64url')))
  return createSyscalls(transport.link(daemon.id, SYSCALL_PROTOCOL), { drawRequestId, chain })
}
