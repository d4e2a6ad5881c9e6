import type { Command } from 'commander'
import { CloudError } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { passwords } from '../user/passwords.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

export function addPasswd (program: Command): void {
  addCloudCommand(program, 'passwd', 'Give a user another password.', 'welkin passwd', 'welkin passwd alice')
    .argument('[name]', 'a user; left out: who has logged in')
    .action(actInCloud<object, [string | undefined]>(passwd))
}

async function passwd (cloud: Connection, { json }: CommonOptions, given: string | undefined): Promise<void> {
  const name = given ?? (await cloud.syscalls.whoami({})).user
  if (name === undefined) throw new CloudError('EINVAL', 'Nobody has logged in here; say whose: welkin passwd NAME.')
  const [old = '', next = ''] = await passwords(
    { what: `Password of ${name}`, isNew: false }, { what: `New password of ${name}`, isNew: true })
  const changed = await cloud.syscalls.passwd({ name, old, new: next })
  if (json) return await printJson(changed)
  await print(`${name} has another password\n`)
}
