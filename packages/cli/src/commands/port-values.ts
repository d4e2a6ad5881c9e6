import { InvalidArgumentError } from 'commander'
import { DNS_LABEL, portNameOf } from '@welkin/interface'

/** `NAME=PORT`, or a number, which is called as the service that is usually there; collected. */
export function port (text: string, before: Record<string, number> = {}): Record<string, number> {
  const at = text.indexOf('=')
  const number = Number(text.slice(at + 1))
  const name = at === -1 ? portNameOf(number) : text.slice(0, at)
  if (/^\d+$/.test(text.slice(at + 1)) && number >= 1 && number <= 65_535 && DNS_LABEL.test(name)) {
    return { ...before, [name]: number }
  }
  throw new InvalidArgumentError('It must be a name and a TCP port such as http=8080, or the port alone.')
}
