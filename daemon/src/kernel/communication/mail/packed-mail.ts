import { decode, encode } from '@welkin/abi'
import { CloudError, DNS_LABEL } from '@welkin/interface'
import { z } from 'zod'
import type { Known } from './letter-box.ts'

const FORMAT = 1

const sequence = z.int().min(1)
const id = z.string().regex(/^[\x21-\x7e]{1,64}$/)

const schema = z.tuple([z.literal(FORMAT), z.array(z.strictObject({
  name: z.string().regex(DNS_LABEL),
  known: z.array(z.strictObject({
    sequence, id,
    letter: z.strictObject({ id, from: z.string(), body: z.instanceof(Uint8Array), sentAtMs: z.number() }).optional()
  }))
}))])

/** An object's mailboxes on their way to another node. */
export type PackedMail = Array<{ name: string, known: Known[] }>

/** No mailboxes: no bytes. */
export function encodeMail (mail: PackedMail): Uint8Array {
  return mail.length === 0 ? new Uint8Array() : encode([FORMAT, mail])
}

/** Throws EINVAL. */
export function decodeMail (packed: Uint8Array): PackedMail {
  if (packed.byteLength === 0) return []
  const { success, data } = schema.safeParse(decode(packed))
  if (!success) throw new CloudError('EINVAL', 'What came with this object is no mail that this version can read.')
  return data[1].map(({ name, known }) => ({
    name,
    // A view of what came would keep all of that.
    known: known.map(({ letter, ...place }) => ({
      ...place, letter: letter === undefined ? undefined : { ...letter, body: letter.body.slice() }
    }))
  }))
}
