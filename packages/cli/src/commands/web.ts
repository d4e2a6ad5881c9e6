import { Option, type Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { note, print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { longSpan } from './values.ts'

const HALF_A_DAY_MS = 12 * 3_600_000

export function addWeb (program: Command): void {
  addCloudCommand(program, 'web',
    'Print a link by which a browser of this machine asks in your name. It is good once, within a minute.',
    'welkin web', 'xdg-open "$(welkin web)"')
    .addOption(new Option('--for <time>', 'how long the browser may').argParser(longSpan).default(HALF_A_DAY_MS, '12h'))
    .action(actInCloud<CommonOptions & { for: number }, []>(web))
}

async function web (cloud: Connection, { for: ttlMs, json }: CommonOptions & { for: number }): Promise<void> {
  const reply = await cloud.syscalls.session({ ttlMs })
  if (json) return await printJson(reply)
  await print(`${reply.url}\n`)
  note(`Until ${new Date(reply.expiresMs).toISOString()}, or until you log out.`)
}
