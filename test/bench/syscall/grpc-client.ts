import { Client, credentials } from '@grpc/grpc-js'
import type { Work } from '../load.ts'
import type { Stage } from '../stage.ts'
import { ASK } from './grpc-definition.ts'

/** A call of gRPC to a server process, on one connection, unencrypted. */
export async function dialGrpc (stage: Stage, request: Uint8Array, replyBytes: number): Promise<Work> {
  const port = await stage.fork(new URL('grpc-server.js', import.meta.url)).ask<number>({ replyBytes })
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  stage.onClear(() => client.close())
  const payload = Buffer.from(request)
  return async () => await new Promise((resolve, reject) => {
    client.makeUnaryRequest(ASK.path, ASK.requestSerialize, ASK.responseDeserialize, payload, (error, reply) => {
      if (error === null) resolve(reply)
      else reject(error)
    })
  })
}
