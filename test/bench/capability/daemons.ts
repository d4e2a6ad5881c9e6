import { setMaxListeners } from 'node:events'
import { runDaemon, type DaemonOptions, type NodeFile } from '@welkin/daemon/real'
import { connect } from '@welkin/syscalls/connect'
import { answerParent } from '../child.ts'

/** One daemon in a process of its own; for guarded ones, a ticket for the next is made. */
export interface Started { info: NodeFile, ticket: string | undefined }

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async (options: DaemonOptions): Promise<Started> => {
  const { info, node } = await runDaemon(options)
  if (node.authentication === undefined) return { info, ticket: undefined }
  const { syscalls, close } = await connect({ socket: info.socket })
  const { ticket } = await syscalls.invite({ role: 'admin' })
  close()
  return { info, ticket }
})
