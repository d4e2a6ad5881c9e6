import type { Command } from 'commander'
import { isCloudError } from '@welkin/interface'
import { findCloud } from '../cloud/find.ts'
import { print, printJson } from '../print/output.ts'
import { VERSION } from '../version.ts'
import { act, addCloudCommand, type CommonOptions } from './command.ts'

export function addVersion (program: Command): void {
  addCloudCommand(program, 'version', 'Say the version of this command, and of the daemon where there is one.',
    'welkin version')
    .action(act(async ({ json, cloud }: CommonOptions) => {
      const daemon = await askDaemon(cloud)
      if (json) return await printJson({ welkin: VERSION, ...(daemon === undefined ? {} : { daemon }) })
      await print(`welkin ${VERSION}\n`)
      if (daemon !== undefined) await print(`welkind ${daemon.version} (${daemon.nodeName})\n`)
    }))
}

/** What the daemon says of itself; undefined where no cloud was named and none was found. */
async function askDaemon (where: string | undefined): Promise<{ version: string, nodeName: string } | undefined> {
  try {
    const cloud = await findCloud(where)
    try {
      const { version, nodeName } = await cloud.syscalls.whoami({})
      return { version, nodeName }
    } finally {
      cloud.close()
    }
  } catch (error) {
    if (where === undefined && isCloudError(error, 'ENOENT')) return undefined
    throw error
  }
}
