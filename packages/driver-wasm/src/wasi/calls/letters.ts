const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Letter { readonly id: string, readonly from: string, readonly body: string }

/** The arguments of `send` with this body; what is no JSON is left for whoever checks it. */
export function withBody (args: string, body: Uint8Array): string {
  try {
    return JSON.stringify({ ...JSON.parse(args) as object, body: bufferOf(body).toString('base64') })
  } catch (error) {
    if (error instanceof SyntaxError) return args
    throw error
  }
}

/** The reply of `mail.next` as a program is given it: id, sender and body, each of the first two ended by a zero. */
export function letterBytes (reply: Uint8Array): Uint8Array {
  const { letter } = JSON.parse(decoder.decode(reply)) as { letter?: Letter }
  if (letter === undefined) return new Uint8Array(0)
  const head = encoder.encode(`${letter.id}\0${letter.from}\0`)
  const body = Buffer.from(letter.body, 'base64')
  const whole = new Uint8Array(head.length + body.length)
  whole.set(head)
  whole.set(body, head.length)
  return whole
}

function bufferOf ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
