import { Option, type Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { renderUnicodeCompact } from 'uqr'
import { note, print, printJson } from '../print/output.ts'
import { formatAge } from '../print/durations.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { longSpan, wholeNumber, zone } from './values.ts'

const HOUR_MS = 3_600_000

interface InviteOptions extends CommonOptions {
  zone?: string
  uses: number
  expires: number
  role: 'admin' | 'user' | 'guest'
  qr?: boolean
}

export function addInvite (program: Command): void {
  addCloudCommand(program, 'invite',
    'Make a ticket by which another machine becomes a node of this cloud. Whoever has it can use it: send it by a ' +
    'way that you trust.',
    'welkin invite --zone acme/lyon/r7', 'welkin invite --uses 20 --expires 1d --role admin')
    .option('--zone <zone>', 'where the machine must stand', zone)
    .option('--uses <n>', 'for so many machines', wholeNumber(1, 100_000), 1)
    .addOption(new Option('--expires <time>', 'how long it can be used').argParser(longSpan).default(HOUR_MS, '1h'))
    .addOption(new Option('--role <role>', 'what the machine\'s owner may do in the cloud')
      .choices(['admin', 'user', 'guest']).default('user'))
    .option('--qr', 'show it as a picture too')
    .action(actInCloud<InviteOptions, []>(invite))
}

async function invite (cloud: Connection, options: InviteOptions): Promise<void> {
  const { zone: place, uses, expires, role, qr, json } = options
  const reply = await cloud.syscalls.invite({
    uses, role, ttlMs: expires, ...place === undefined ? {} : { zone: place }
  })
  if (json) return await printJson(reply)
  await print(`${reply.ticket}\n`)
  if (qr) await print(`\n${renderUnicodeCompact(reply.ticket)}\n`)
  const times = uses === 1 ? 'once' : `${uses} times`
  note(`On the other machine, ${times} and within ${formatAge(expires)}: welkin join ${reply.ticket.slice(0, 12)}…`)
  await warnIfLonely(cloud)
}

/** A node that listens to its own machine alone is joined from there alone; one that does not listen, from nowhere. */
async function warnIfLonely (cloud: Connection): Promise<void> {
  const { nodeName, node: id } = await cloud.syscalls.whoami({})
  const own = (await cloud.syscalls.nodes({ scope: 'site' })).nodes.find(node => node.id === id)
  if (own === undefined || own.addresses.some(address => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address))) return
  const where = own.addresses.length > 0
    ? 'listens to this machine alone, so that only daemons of this machine can use the ticket'
    : 'listens nowhere, so that nobody can use the ticket'
  note(`${nodeName} ${where}; start it with "welkin up --listen /ip4/0.0.0.0/tcp/4701" for others.`)
}
