import { CloudError, type Channel, type Handler, type Incoming } from '@welkin/interface'

export const PROTOCOL = '/welkin/compliance/1'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const refuse = async (): Promise<never> => {
  throw new CloudError('ENOSYS', 'This story does not use it.')
}

export function answering (request: Handler['request']): Handler {
  return { request, channel: refuse }
}

export function conversing (channel: Handler['channel']): Handler {
  return { request: refuse, channel }
}

export const echo: Handler = answering(async payload => payload)

/** Never settles before `signal` aborts. */
export async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => { signal.addEventListener('abort', () => resolve(), { once: true }) })
}

/** All texts that come until the channel ends. */
export async function textsOf (channel: Channel): Promise<string[]> {
  const texts: string[] = []
  for await (const message of channel) texts.push(textOf(message))
  return texts
}

/** Sends until the channel refuses; what it refuses with is the rejection. */
export async function sendWithoutEnd (channel: Channel): Promise<never> {
  for (;;) await channel.send(new Uint8Array(1024))
}

/** A handler that never ends by itself, and what its caller does to it. */
export function stuckHandler (): { handler: Handler, entered: Promise<Incoming>, left: Promise<void> } {
  let enter: (incoming: Incoming) => void
  const entered = new Promise<Incoming>(resolve => { enter = resolve })
  const stay = async (incoming: Incoming): Promise<never> => {
    enter(incoming)
    return await new Promise<never>(() => {})
  }
  return {
    handler: {
      request: async (_payload, incoming) => await stay(incoming),
      channel: async (_payload, _channel, incoming) => await stay(incoming)
    },
    entered,
    left: entered.then(async ({ signal }) => await aborted(signal))
  }
}
