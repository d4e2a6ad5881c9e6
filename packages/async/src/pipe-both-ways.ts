import { CloudError, isCloudError, type ByteStream, type Channel } from '@welkin/interface'

/**
 * Passes messages on between two channels, both ways, until `onward` has ended or either fails; a failure reaches both.
 * When the far end reads no more input, only that direction ends. `duplex`: until both directions have ended.
 */
export async function pipeBothWays (
  inward: Channel, onward: Channel, { duplex = false }: { duplex?: boolean | undefined } = {}
): Promise<void> {
  const fail = (error: unknown): never => {
    const known = error instanceof CloudError
      ? error
      : new CloudError('ECONNRESET', 'The call was cut off on its way.', { cause: error })
    onward.fail(known)
    inward.fail(known)
    throw error
  }
  const feeding = pass(inward, onward).catch((error: unknown) => {
    if (!isCloudError(error, 'EPIPE')) fail(error)
  })
  feeding.catch(() => { /* told to both ends by `fail`; what follows only waits for the reply */ })
  await pass(onward, inward).catch(fail)
  if (duplex) await feeding
}

/** Joins two streams of bytes, until both directions have ended or either fails; a failure reaches both. */
export async function joinStreams (inward: ByteStream, onward: ByteStream): Promise<void> {
  inward.inPieces?.()
  onward.inPieces?.()
  await pipeBothWays(inward, onward, { duplex: true })
}

async function pass (from: Channel, to: Channel): Promise<void> {
  for await (const message of from) await to.send(message)
  await to.end()
}
