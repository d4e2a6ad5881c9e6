import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js'
import { answerParent } from '../child.ts'
import { ASK } from './grpc-definition.ts'

answerParent(async ({ replyBytes }: { replyBytes: number }) => {
  const reply = Buffer.alloc(replyBytes, 1)
  const ask: handleUnaryCall<Buffer, Buffer> = (_call, answer) => answer(null, reply)
  const server = new Server()
  server.addService({ ask: ASK }, { ask })
  return await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
  })
})
